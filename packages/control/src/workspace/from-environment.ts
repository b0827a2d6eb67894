import { isJsonObject } from '@millrace/protocol'
import type { Json } from '@millrace/protocol'
import type { DocumentPath } from './document-path.ts'
import type { Problems } from './problems.ts'

/** The key of an object that stands for a variable of the environment. */
export const environmentKey = '$env'
/** The key of an object that stands for an encrypted text in a stored document; nobody may write it. */
export const sealedKey = '$sealed'

/** The value with each `{ "$env": "NAME" }` in it replaced by the variable's text. What is wrong becomes a problem. */
export function fromEnvironment(
  value: Json,
  path: DocumentPath,
  env: Readonly<Record<string, string | undefined>>,
  problems: Problems,
): Json | undefined {
  if (Array.isArray(value)) {
    return value.map((item, index) => fromEnvironment(item, [...path, index], env, problems) ?? null)
  }
  if (!isJsonObject(value)) return value
  if (Object.hasOwn(value, sealedKey)) {
    problems.add(path, `"${sealedKey}" is for stored documents; write the text, or { "$env": "NAME" }`)
    return undefined
  }
  if (Object.hasOwn(value, environmentKey)) return variable(value, path, env, problems)
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    fromEnvironment(item, [...path, key], env, problems),
  ])
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined)) as Json
}

function variable(
  reference: { [key: string]: Json },
  path: DocumentPath,
  env: Readonly<Record<string, string | undefined>>,
  problems: Problems,
): string | undefined {
  const name = reference[environmentKey]
  if (typeof name !== 'string' || name === '' || Object.keys(reference).length > 1) {
    problems.add(path, 'must be { "$env": "NAME" }, with the name of a variable and nothing beside it')
    return undefined
  }
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  if (value === undefined) {
    problems.add(path, `the environment variable ${name} is not set; set it where Millrace starts`)
  }
  return value
}
