import { compilePath } from './path.ts'
import type { Evaluate } from './site.ts'

/** Three braces first, so that `{{{a}}}` is not `{{` and the key `{a`. */
const placeholder = /\{\{\{([^}]+)\}\}\}|\{\{([^}]+)\}\}/g

/** Compiles a text with placeholders. One pass: braces in the data stay what they are. */
export function compileTemplate(template: string): (payload: unknown) => string {
  const texts: string[] = []
  const values: Evaluate[] = []
  let end = 0
  for (const match of template.matchAll(placeholder)) {
    texts.push(template.slice(end, match.index))
    values.push(compilePath((match[1] ?? match[2] ?? '').trim()))
    end = match.index + match[0].length
  }
  const rest = template.slice(end)
  if (values.length === 0) return () => rest
  return (payload) => {
    let result = ''
    for (let index = 0; index < values.length; index += 1) {
      result += (texts[index] ?? '') + textOf(values[index]?.(payload))
    }
    return result + rest
  }
}

/** Text as JavaScript makes it, but without calling a `toString` that the data may bring along. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return value.map(textOf).join(',')
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '[object Object]'
}
