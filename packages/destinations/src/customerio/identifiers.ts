/** Who or what an operation is about, as Customer.io's Track API v2 writes it. */
export type PersonIdentifiers = { cio_id: string } | { email: string } | { id: string } | { anonymous_id: string }
export type ObjectIdentifiers = { object_id: string; object_type_id: string }
export type Identifiers = PersonIdentifiers | ObjectIdentifiers

/** What a mapping may know about a person. An empty text counts as missing. */
export interface PersonIds {
  /** An id of the application, an e-mail address, or Customer.io's own id behind `cio_`. */
  personId?: string | undefined
  email?: string | undefined
  anonymousId?: string | undefined
}

const cioPrefix = 'cio_'

/** The type of objects when none is mapped: the first one that a workspace has. */
const defaultObjectTypeId = '1'

/** The identifier of a person, the first that there is: personId, email, anonymousId; undefined without any. */
export function personIdentifiers({ personId, email, anonymousId }: PersonIds): PersonIdentifiers | undefined {
  if (isFilled(personId)) {
    if (personId.length > cioPrefix.length && personId.startsWith(cioPrefix)) {
      return { cio_id: personId.slice(cioPrefix.length) }
    }
    return isEmail(personId) ? { email: personId } : { id: personId }
  }
  if (isFilled(email)) return { email }
  return isFilled(anonymousId) ? { anonymous_id: anonymousId } : undefined
}

/** The identifier of an object; undefined without an id. */
export function objectIdentifiers(
  objectId: string | undefined,
  objectTypeId: string | undefined,
): ObjectIdentifiers | undefined {
  if (!isFilled(objectId)) return undefined
  return { object_id: objectId, object_type_id: isFilled(objectTypeId) ? objectTypeId : defaultObjectTypeId }
}

export const isFilled = (text: string | undefined): text is string => text !== undefined && text !== ''

/** RFC 5321, 4.5.3.1.3: a path has 256 octets with its angle brackets. */
const maxEmailLength = 254
const localPart = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/
const domainLabel = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i

/** An e-mail address of ASCII with a domain of two labels at least; `root@localhost` is an id. */
function isEmail(text: string): boolean {
  const at = text.indexOf('@')
  if (at < 1 || text.length > maxEmailLength) return false
  const labels = text.slice(at + 1).split('.')
  return labels.length > 1 && labels.every((label) => domainLabel.test(label)) && localPart.test(text.slice(0, at))
}
