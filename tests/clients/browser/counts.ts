import type { JsonObject } from '@millrace/protocol'
import type { RecordedRequest } from '../../support/recording-proxy.ts'
import { countOf } from './calls.ts'
import { wireMessages } from './compare.ts'
import type { Visit } from './rig.ts'

/** Which of the counted events went where, by their numbers, sorted. */

export const numbersOf = (messages: readonly JsonObject[]): number[] =>
  messages
    .map(countOf)
    .filter((count) => count !== undefined)
    .sort((one, other) => one - other)

export const distinct = (numbers: readonly number[]): number[] => [...new Set(numbers)]
export const without = (numbers: readonly number[], removed: readonly number[]): number[] =>
  numbers.filter((number) => !removed.includes(number))
export const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at)

const sentIn = (requests: readonly RecordedRequest[]): number[] =>
  numbersOf(wireMessages(requests).map(({ message }) => message))

/** Everything that went out, once for each time. */
export const sent = ({ proxy }: Visit): number[] => sentIn(proxy.requests)

/** What the server said 200 to: from then on it answers for it. */
export const acknowledged = ({ proxy }: Visit): number[] =>
  distinct(sentIn(proxy.requests.filter(({ status, answeredBy }) => status === 200 && answeredBy === 'server')))

/** What the proxy refused in place of the server, once for each time. */
export const refused = ({ proxy }: Visit): number[] =>
  sentIn(proxy.requests.filter(({ answeredBy }) => answeredBy === 'proxy'))

/** What reached only a dead server, once for each request. */
export const broken = ({ proxy }: Visit): number[] =>
  sentIn(proxy.requests.filter(({ answeredBy }) => answeredBy === 'nobody'))

/** What the page saw fail; it does not see what becomes of a beacon. */
export const failed = ({ failed: bodies }: Visit): number[] =>
  numbersOf(bodies.flatMap((body) => (Array.isArray(body['batch']) ? (body['batch'] as JsonObject[]) : [body])))
