import type { Fields, HttpRequest } from '@millrace/component-kit'
import type { Json, JsonObject, PreviewedRequest } from '@millrace/protocol'

export const masked = '••••••••'

/** Headers that hold nothing but credentials, whatever the settings call them. */
const secretHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-api-key',
  'api-key',
])

/** Shorter ones are no secrets, and masking them would make a text unreadable. */
const SHORTEST_SECRET = 4

/** The texts of a destination's settings that are secrets. */
export const secretsOf = (fields: Fields, settings: JsonObject): string[] =>
  Object.entries(fields)
    .filter(([, { type }]) => type === 'secret')
    .map(([name]) => settings[name])
    .filter((value): value is string => typeof value === 'string' && value.length >= SHORTEST_SECRET)

/** Takes the secrets out of a request: the headers that carry credentials, and wherever a secret stands as it is or URL-encoded. */
export const redactRequest = (
  { method, url, headers, body }: HttpRequest,
  secrets: readonly string[],
): PreviewedRequest => {
  const hide = maskerOf(secrets)
  const text = typeof body === 'string' ? body : body === undefined ? undefined : Buffer.from(body).toString()
  return {
    method,
    url: hide(url),
    headers: redactHeaders(headers ?? {}, hide),
    ...(text !== undefined && { body: parsed(hide(text)) }),
  }
}

/** Takes the secrets out of headers: the values of those that carry credentials, and what `hide` takes out of the others. */
export const redactHeaders = (
  headers: { readonly [name: string]: string },
  hide: (text: string) => string,
): { [name: string]: string } =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      secretHeaders.has(name.toLowerCase()) ? masked : hide(value),
    ]),
  )

/** Takes secrets out of a text, as they are, URL-encoded, or inside a JSON string. */
export const maskerOf = (secrets: readonly string[]): ((text: string) => string) => {
  const forms = new Set(
    secrets.flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]),
  )
  // The longest first: one secret may begin another.
  const ordered = [...forms].sort((one, other) => other.length - one.length)
  return (text) => ordered.reduce((rest, form) => rest.replaceAll(form, masked), text)
}

const parsed = (text: string): Json => {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}
