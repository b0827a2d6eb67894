import type { WarehouseMessage } from '@millrace/component-kit'
import type { Json } from '@millrace/protocol'

const hasNonFinite = (value: Json | undefined): boolean => {
  if (typeof value === 'number') return !Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(hasNonFinite)
}

/** 1e400 is a number in JSON, but not in JavaScript, and JSON.stringify makes null of it: the value would be lost. */
const lineOf = (message: WarehouseMessage['message']): string => {
  const line = JSON.stringify(message)
  if (!line.includes('null') || !hasNonFinite(message as Json)) return line
  return JSON.stringify(message, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  )
}

/** Messages as lines of JSON, with the schemas that the lines belong to, in order. */
export const encodeMessages = (
  messages: readonly WarehouseMessage[],
): { schemas: (readonly [schema: string, count: number])[]; body: Buffer } => {
  const schemas: [string, number][] = []
  let text = ''
  for (const { schema, message } of messages) {
    const last = schemas.at(-1)
    if (last?.[0] === schema) last[1]++
    else schemas.push([schema, 1])
    text += `${lineOf(message)}\n`
  }
  return { schemas, body: Buffer.from(text) }
}
