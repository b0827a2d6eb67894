/** Compiled by the type checker, never run: a wrong inference is a compile error here. */
import type { Json, JsonObject } from '@millrace/protocol'
import type { AnyAction, AnyDestination } from './destination.ts'
import { defineAction, defineDestination } from './destination.ts'
import type { Fields, Infer } from './fields.ts'
import { defineFields } from './fields.ts'

/* oxlint-disable typescript/no-unnecessary-type-parameters -- the known way to compare two types is such a function */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <_T extends true>(): void => {}
/* oxlint-enable typescript/no-unnecessary-type-parameters */

const about = { label: 'Label', description: 'Text.', example: 'x' } as const
const fields = defineFields({
  url: { ...about, type: 'string', required: true },
  key: { ...about, type: 'secret' },
  retries: { ...about, type: 'integer', default: 3 },
  rate: { ...about, type: 'number', required: false },
  on: { ...about, type: 'boolean', default: false },
  at: { ...about, type: 'datetime', default: { '@path': '$.timestamp' } },
  body: { ...about, type: 'object', required: true, default: { '@path': '$.properties' } },
  extra: { ...about, type: 'any', default: null },
  region: { ...about, type: 'string', choices: ['eu', 'us'], default: 'eu' },
  tags: { ...about, type: 'string', many: true, example: ['a', 'b'], default: ['a'] },
  skus: { ...about, type: 'string', many: true, default: [{ '@path': '$.sku' }] },
  plans: { ...about, type: 'string', many: true, choices: ['free', 'pro'] },
  rows: { ...about, type: 'object', many: true, required: true },
})

holds<
  Same<
    Infer<typeof fields>,
    {
      url: string
      retries: number
      on: boolean
      body: JsonObject
      region: 'eu' | 'us'
      tags: string[]
      rows: JsonObject[]
      key?: string
      rate?: number
      at?: string
      extra?: Json
      skus?: string[]
      plans?: ('free' | 'pro')[]
    }
  >
>()

// A field that may be absent is no string.
// @ts-expect-error -- at most undefined
export const key: string = ({} as Infer<typeof fields>).key

// @ts-expect-error -- a field says what it is for
defineFields({ url: { type: 'string', label: 'URL', example: 'x' } })

// @ts-expect-error -- types are a closed list
defineFields({ url: { ...about, type: 'text' } })

// Fields that are known only at run time give an index signature.
export const anyValue: Json | undefined = ({} as Infer<Fields>)['any']

const action = defineAction({
  title: 'Post',
  description: 'Posts.',
  trigger: 'type = "track"',
  settings: fields,
  fields: { text: { ...about, type: 'string', required: true } },
  batch: { maxMessages: (settings) => settings.retries },
  deliver(context, payloads) {
    holds<Same<(typeof context)['settings']['region'], 'eu' | 'us'>>()
    holds<Same<(typeof payloads)[number]['values'], { text: string }>>()
    return Promise.resolve([])
  },
  examples: [],
})
export const erasedAction: AnyAction = action

const destination = defineDestination({
  slug: 'x',
  name: 'X',
  description: 'X.',
  settings: fields,
  actions: { action },
  check(context) {
    holds<Same<(typeof context)['settings']['retries'], number>>()
    return Promise.resolve({ status: 'delivered' })
  },
})
export const erasedDestination: AnyDestination = destination
