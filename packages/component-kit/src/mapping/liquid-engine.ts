import { createRequire } from 'node:module'
import type * as LiquidModule from 'liquidjs'
import { isRecord } from './json-kind.ts'

/** Tags that loop or read other templates. */
const disabledTags = ['case', 'for', 'include', 'layout', 'render', 'tablerow']

/** Filters that work on whole lists. */
const disabledFilters = [
  'array_to_sentence_string',
  'concat',
  'find',
  'find_exp',
  'find_index',
  'find_index_exp',
  'group_by',
  'group_by_exp',
  'has',
  'has_exp',
  'map',
  'newline_to_br',
  'reject',
  'reject_exp',
  'reverse',
  'sort',
  'sort_natural',
  'uniq',
  'where_exp',
  'type',
]

const maxRenderMs = 500
const maxMemoryBytes = 100_000_000

let engine: LiquidModule.Liquid | undefined

/** Compiles a Liquid template, or says why it is none. `render` throws when the template exceeds time or memory. */
export function compileLiquid(template: string): { render: (payload: unknown) => string } | { problem: string } {
  engine ??= createEngine()
  const liquid = engine
  try {
    const parsed = liquid.parse(template)
    return { render: (payload) => String(liquid.renderSync(parsed, isRecord(payload) ? copyOf(payload) : {})) }
  } catch (error) {
    return { problem: `is not a template: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/** A copy, because {% increment %} writes to the variables that it is given; with the standard form, which a spread leaves out. */
const copyOf = (payload: Record<string, unknown>): Record<string, unknown> =>
  Object.defineProperties({}, Object.getOwnPropertyDescriptors(payload)) as Record<string, unknown>

/** Loaded here and now because compiling is synchronous and few mappings need it: it costs about 12 ms and 9 MB. */
function createEngine(): LiquidModule.Liquid {
  const { Liquid } = createRequire(import.meta.url)('liquidjs') as typeof LiquidModule
  const liquid = new Liquid({
    renderLimit: maxRenderMs,
    memoryLimit: maxMemoryBytes,
    ownPropertyOnly: true,
    // No files: partial templates have no tag that could load them.
    templates: {},
  })
  for (const name of disabledTags) {
    liquid.registerTag(name, {
      parse: () => {
        throw new Error(`the tag "${name}" is disabled; build lists with @arrayPath and choices with @if`)
      },
      render: () => '',
    })
  }
  for (const name of disabledFilters) {
    // A getter, so that the template is refused when it is parsed and not for each message that it is rendered for.
    Object.defineProperty(liquid.filters, name, {
      get: () => {
        throw new Error(`the filter "${name}" is disabled; remove it from the template`)
      },
    })
  }
  return liquid
}
