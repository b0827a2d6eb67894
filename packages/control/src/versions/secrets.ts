import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { isJsonObject, MillraceError } from '@millrace/protocol'
import type { Json } from '@millrace/protocol'
import type { DocumentPath } from '../workspace/document-path.ts'
import { sealedKey } from '../workspace/from-environment.ts'
import type { WorkspaceRegistry } from '../workspace/registry.ts'
import { mapDocumentSecrets, maskedSecret } from '../workspace/secret-texts.ts'

/**
 * Secrets of stored documents. A text is stored as `{ "$sealed": base64 }`, where the bytes are
 *
 *   sealed = nonce (12 bytes) | tag (16 bytes) | AES-256-GCM of the UTF-8 text
 *
 * The nonce is random: with one key, 2^32 secrets may be written before a repetition gets likely (NIST SP 800-38D, 8.3).
 */
const nonceBytes = 12
const tagBytes = 16

/** The document with each plain secret encrypted. References to the environment stay. */
export function sealSecrets(document: Json, registry: WorkspaceRegistry, key: Uint8Array): Json {
  return mapDocumentSecrets(document, registry, (text) => ({ [sealedKey]: seal(text, key) }))
}

/** The opposite. @throws {MillraceError} `unavailable` when the key is not the one that sealed. */
export const openSecrets = (document: Json, key: Uint8Array): Json =>
  replaceSealed(document, (sealed) => open(sealed, key))

/** A sealed document as it may be shown. Needs no registry, so that nothing shows when a component is gone. */
export const maskSecrets = (sealed: Json): Json => replaceSealed(sealed, () => maskedSecret)

/**
 * A shown document that comes back: each masked secret is replaced by the one at the same place of `previous` (an opened
 * document), or of the destination's former id. Where there is none the mask stays; the check refuses it.
 */
export function restoreMasked(document: Json, previous: Json, registry: WorkspaceRegistry): Json {
  return mapDocumentSecrets(document, registry, (text, path) => {
    if (text !== maskedSecret) return text
    const [part = '', id = '', ...rest] = path
    const formerId = valueAt(document, [part, id, 'formerId'])
    const found =
      valueAt(previous, path) ?? valueAt(previous, [part, typeof formerId === 'string' ? formerId : id, ...rest])
    return found ?? text
  })
}

export function valueAt(value: Json | undefined, path: DocumentPath): Json | undefined {
  let current = value
  for (const part of path) {
    if (typeof part === 'number') current = Array.isArray(current) ? current[part] : undefined
    else current = isJsonObject(current) && Object.hasOwn(current, part) ? current[part] : undefined
  }
  return current
}

function replaceSealed(value: Json, replace: (sealed: string) => string): Json {
  if (Array.isArray(value)) return value.map((item) => replaceSealed(item, replace))
  if (!isJsonObject(value)) return value
  const sealed = value[sealedKey]
  if (typeof sealed === 'string') return replace(sealed)
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, replaceSealed(item, replace)]))
}

function seal(text: string, key: Uint8Array): string {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  const encrypted = [cipher.update(text, 'utf8'), cipher.final()]
  return Buffer.concat([nonce, cipher.getAuthTag(), ...encrypted]).toString('base64')
}

function open(sealed: string, key: Uint8Array): string {
  const bytes = Buffer.from(sealed, 'base64')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
    decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
    return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
  } catch (cause) {
    throw new MillraceError(
      'unavailable',
      'A secret of the stored workspace cannot be decrypted: the key is not the one that encrypted it. Put the key of this data folder back.',
      { cause },
    )
  }
}
