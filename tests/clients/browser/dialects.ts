import type { JsonObject } from '@millrace/protocol'
import type { Call, Dialect } from './calls.ts'
import { order, traits } from './calls.ts'

export const segmentDialect: Dialect = {
  at: (time) => ({ timestamp: new Date(time) }),
  hasScreen: true,
  // It writes the id of the current person over the new one, in every alias after an identify.
  aliasedTo: (_userId, current) => current,
  identified: (all) => ({ traits: all }),
}

export const customerioDialect: Dialect = { ...segmentDialect, aliasedTo: (userId) => userId }

export const rudderstackDialect: Dialect = {
  // A Date is ignored, whatever its types say.
  at: (time) => ({ originalTimestamp: time }),
  hasScreen: false,
  aliasedTo: (userId) => userId,
  // The traits of a person are in the context of every message, and nowhere else.
  identified: (all) => ({ traits: all, context: { traits: all } }),
}

/** Jitsu's client has no screen and no alias, and takes neither a time nor integrations. */
export const jitsuCalls = (): Call[] => {
  const context: JsonObject = { campaign: { name: 'spring' }, active: true }
  const options = () => ({ context: structuredClone(context) })
  return [
    { method: 'page', args: [], arrives: { type: 'page', properties: { title: 'Shop', path: '/jitsu' } } },
    { method: 'track', args: ['Bare'], arrives: { type: 'track', event: 'Bare', properties: {} } },
    {
      method: 'identify',
      args: ['user-1', traits, options()],
      arrives: { type: 'identify', userId: 'user-1', traits, context },
    },
    {
      method: 'track',
      args: ['Order Completed', order, options()],
      arrives: {
        type: 'track',
        userId: 'user-1',
        event: 'Order Completed',
        properties: order,
        context: { ...context, traits },
      },
    },
    {
      method: 'page',
      args: ['Cart', { width: 1440 }],
      arrives: { type: 'page', userId: 'user-1', properties: { name: 'Cart', width: 1440 } },
    },
    {
      method: 'group',
      args: ['group-1', { name: 'Example Ltd' }],
      arrives: { type: 'group', userId: 'user-1', groupId: 'group-1', traits: { name: 'Example Ltd' } },
    },
    { method: 'setAnonymousId', args: ['chosen-by-the-shop'] },
    {
      method: 'track',
      args: ['Renamed'],
      arrives: { type: 'track', userId: 'user-1', anonymousId: 'chosen-by-the-shop', event: 'Renamed', properties: {} },
    },
    { method: 'reset', args: [] },
    { method: 'track', args: ['Somebody Else'], arrives: { type: 'track', event: 'Somebody Else', properties: {} } },
    { method: 'identify', args: ['user-3'], arrives: { type: 'identify', userId: 'user-3' } },
    {
      method: 'track',
      args: ['After Identify', { step: 2 }],
      arrives: { type: 'track', userId: 'user-3', event: 'After Identify', properties: { step: 2 } },
    },
  ]
}
