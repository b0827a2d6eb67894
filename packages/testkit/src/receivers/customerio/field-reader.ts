import { isJsonObject, type Json, type JsonObject } from '@millrace/protocol'
import { limits } from './limits.ts'
import type { OperationProblem } from './operation.ts'

export const bytesOf = (text: string): number => Buffer.byteLength(text)

/**
 * Reads the fields of one operation and collects what is wrong with them, so that an answer can list every problem.
 * What it returns for a field with a problem is only a stand-in.
 */
export class FieldReader {
  readonly problems: OperationProblem[] = []

  refuse(reason: OperationProblem['reason'], field: string, message: string): void {
    this.problems.push({ reason, field, message })
  }

  /** A string that is not empty. A number is taken as its text: assumed, the documentation only knows strings. */
  text(value: Json | undefined, field: string, maxBytes = Number.POSITIVE_INFINITY): string {
    const text = typeof value === 'number' ? String(value) : value
    if (text === undefined || text === null || text === '') this.refuse('required', field, `${field} is required`)
    else if (typeof text !== 'string') this.refuse('invalid', field, `${field} must be a string`)
    else if (bytesOf(text) > maxBytes) {
      this.refuse('too_long', field, `${field} is ${bytesOf(text)} bytes long, at most ${maxBytes} are allowed`)
    }
    return typeof text === 'string' ? text : ''
  }

  oneOf<T extends string>(value: Json | undefined, choices: readonly T[], field: string): T {
    const choice = choices.find((each) => each === value)
    if (choice === undefined) {
      const missing = value === undefined || value === null || value === ''
      this.refuse(missing ? 'required' : 'invalid', field, `${field} must be one of ${choices.join(', ')}`)
    }
    return choice ?? (choices[0] as T)
  }

  /** Seconds since 1970: documented as an integer. Digits in a string are taken too: assumed. */
  seconds(value: Json | undefined, field: string): number | undefined {
    if (value === undefined || value === null) return undefined
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
    if (typeof number === 'number' && Number.isSafeInteger(number)) return number
    this.refuse('invalid', field, `${field} must be an integer, seconds since 1970`)
    return undefined
  }

  object(value: Json | undefined, field: string): JsonObject {
    if (isJsonObject(value)) return value
    if (value !== undefined && value !== null) this.refuse('invalid', field, `${field} must be an object`)
    return {}
  }

  list(value: Json | undefined, field: string): readonly Json[] {
    if (Array.isArray(value)) return value
    if (value !== undefined && value !== null) this.refuse('invalid', field, `${field} must be a list`)
    return []
  }

  /** Attributes of a person, object or relationship, with their documented limits. */
  attributes(value: Json | undefined, field: string): JsonObject {
    const attributes = this.object(value, field)
    const names = Object.keys(attributes)
    if (names.length > limits.attributesPerIdentify) {
      const { attributesPerIdentify } = limits
      this.refuse('too_many', field, `${field} has ${names.length} names, at most ${attributesPerIdentify} are allowed`)
    }
    for (const name of names) {
      if (bytesOf(name) > limits.attributeNameBytes) {
        this.refuse(
          'too_long',
          field,
          `The name ${name.slice(0, 40)}… is longer than ${limits.attributeNameBytes} bytes`,
        )
      }
      const attribute = attributes[name]
      const bytes = bytesOf(typeof attribute === 'string' ? attribute : JSON.stringify(attribute))
      if (bytes > limits.attributeValueBytes) {
        const path = `${field}.${name}`
        this.refuse(
          'too_long',
          path,
          `${path} is ${bytes} bytes long, at most ${limits.attributeValueBytes} are allowed`,
        )
      }
    }
    return attributes
  }
}
