import type { Json } from '@millrace/protocol'
import { kindOf } from '../json-kind.ts'
import { compileLiquid } from '../liquid-engine.ts'
import type { Evaluate, Site } from '../site.ts'

/** Longest template, in UTF-16 units. */
const maxLength = 1000

/** `{ "@liquid": "{{ event | upcase }}" }`: a text made by a Liquid template over the payload. */
export function liquid(options: Json, site: Site): Evaluate {
  if (typeof options !== 'string') return site.problem(`must be a string, but it is ${kindOf(options)}`)
  if (options.length > maxLength) {
    return site.problem(`must have at most ${maxLength} characters, but it has ${options.length}; split the template`)
  }
  if (options === '') return () => ''
  const attempt = compileLiquid(options)
  if ('problem' in attempt) return site.problem(attempt.problem)
  return (payload) => {
    try {
      return attempt.render(payload)
    } catch (error) {
      return site.fail(`cannot be rendered for this payload: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}
