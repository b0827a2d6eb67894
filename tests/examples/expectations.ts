import assert from 'node:assert/strict'
import type { Json, JsonObject } from '@millrace/protocol'
import { read } from '../structure/source-files.ts'

/** What the page of a use case promises: its tables, read as they stand there. */
export interface Expectations {
  messages: readonly ExpectedMessage[]
  /** Whether the page says which anonymousIds there are. Where it does not, the browser's client sends one all the same. */
  namesAnonymousIds: boolean
  /** The command of the page, and what its statement finds, each value as text. */
  command: string
  statement: string
  rows: readonly (readonly string[])[]
  people: readonly { id: string; email: string; attributes: JsonObject }[]
  events: readonly { person: string; event: string; attributes: JsonObject }[]
}

export interface ExpectedMessage {
  type: string
  event?: string
  userId?: string
  anonymousId?: string
  /** Traits of identify, properties of track. */
  data: JsonObject
}

interface Table {
  header: readonly string[]
  rows: readonly (readonly string[])[]
}

/** Reads `examples/<useCase>/README.md`. Fails where a table or the command is missing. */
export const expectationsOf = (useCase: string): Expectations => {
  const text = read(`examples/${useCase}/README.md`)
  const [messages, found, people, events, ...more] = tablesOf(text)
  assert.ok(messages !== undefined && found !== undefined && people !== undefined && events !== undefined, useCase)
  assert.deepEqual(more, [], `${useCase} has a table that nothing checks`)
  const command = /^npx millrace sql "(.+)" --destination warehouse$/m.exec(text)
  assert.ok(command !== null, `${useCase} has no query`)
  return {
    messages: records(messages).map((cells) => {
      const { type = '', event = '', userId = '', anonymousId = '', 'traits or properties': data } = cells
      return {
        type,
        ...(event !== '' && { event }),
        ...(userId !== '' && { userId }),
        ...(anonymousId !== '' && { anonymousId }),
        data: json(data),
      }
    }),
    namesAnonymousIds: messages.header.includes('anonymousId'),
    command: command[0],
    statement: command[1] as string,
    rows: found.rows,
    people: records(people).map(({ id = '', email = '', attributes }) => ({ id, email, attributes: json(attributes) })),
    events: records(events).map(({ person = '', event = '', attributes }) => ({
      person,
      event,
      attributes: json(attributes),
    })),
  }
}

const tablesOf = (text: string): Table[] =>
  [...text.matchAll(/^\|.+\|\n\|[-|]+\|\n((?:\|.*\|\n)+)/gm)].map(([whole, body = '']) => ({
    header: cellsOf(whole.slice(0, whole.indexOf('\n'))),
    rows: body.trim().split('\n').map(cellsOf),
  }))

const cellsOf = (line: string): string[] =>
  line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim().replace(/^`(.*)`$/, '$1'))

const records = ({ header, rows }: Table): Record<string, string | undefined>[] =>
  rows.map((row) => Object.fromEntries(header.map((name, at) => [name, row[at]])))

const json = (cell: string | undefined): JsonObject => {
  const value = JSON.parse(cell ?? '') as Json
  assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value), `${cell} is no object`)
  return value
}
