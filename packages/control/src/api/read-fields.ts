import { compileFields } from '@millrace/component-kit'
import type { FieldProblem, Fields, FieldSpec, FieldsParser, Infer } from '@millrace/component-kit'
import { MillraceError } from '@millrace/protocol'
import { formatPath, parsePath } from '../workspace/document-path.ts'

/** What was read; each value fits its field. */
export type ReadValues = Infer<Fields>
export type ReadFields = (given: unknown) => ReadValues

/** Checks a JSON body by its fields. @throws {MillraceError} `invalid_request` with each problem. */
export function bodyReader(fields: Fields): ReadFields {
  const parser: FieldsParser<ReadValues> = compileFields(fields)
  return (given) => read(parser, given, 'body')
}

/**
 * Checks the query by its fields; numbers and flags are converted from their text.
 * @throws {MillraceError} `invalid_request` with each problem.
 */
export function queryReader(fields: Fields): (query: URLSearchParams) => ReadValues {
  const parser: FieldsParser<ReadValues> = compileFields(fields)
  return (query) => {
    const given: [string, unknown][] = []
    for (const name of new Set(query.keys())) {
      const values = query.getAll(name)
      const spec = Object.hasOwn(fields, name) ? fields[name] : undefined
      // A parameter given twice stays a list, which the check refuses.
      given.push([name, values.length > 1 ? values : convert(values[0] ?? '', spec)])
    }
    return read(parser, Object.fromEntries(given), 'query')
  }
}

function read(parser: FieldsParser<ReadValues>, given: unknown, where: string): ReadValues {
  const { values, problems } = parser.parse(given)
  if (problems === undefined) return values
  throw new MillraceError('invalid_request', `The ${where} is wrong: ${problems.map(describe).join('; ')}.`, {
    errors: problems.map(({ path, message }) => ({ path: formatPath(parsePath(path, '.')), reason: message })),
  })
}

const describe = ({ path, message }: FieldProblem): string => (path === '' ? message : `${path} ${message}`)

function convert(text: string, spec: FieldSpec | undefined): unknown {
  if ((spec?.type === 'integer' || spec?.type === 'number') && /^-?\d+(?:\.\d+)?$/.test(text)) return Number(text)
  if (spec?.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}
