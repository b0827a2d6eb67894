import type { JsonObject } from '@millrace/protocol'
import type { PersonReference } from './operation.ts'
import type { People } from './people.ts'
import type { Profile } from './person.ts'
import type { Suppressions } from './suppressions.ts'

export interface IdentifyContext {
  readonly people: People
  readonly suppressions: Suppressions
  /** The workspace setting "Allow updates to email using ID". */
  readonly emailUpdatesById: boolean
  merge(primary: Profile, secondary: Profile): void
  /** A *Failed Attribute Change*: the request is answered 200, and the value is not set. */
  fail(attribute: string, why: string): void
}

/**
 * Finds or makes the profile that an identify call is about, and settles its identifiers. Documented:
 *
 * - an unknown identifier makes a person, unless the body names somebody by another identifier, who then gets this one;
 * - with `_update` nobody is made;
 * - a cio_id that belongs to nobody drops the request, and with a cio_id every identifier may be changed;
 * - without, an identifier that is set stays, except an email when updates by id are allowed;
 * - when both identifiers belong to different people, and each lacks the other's, the younger one is merged into the
 *   older one; else the identifier in the body fails.
 *
 * Undefined: the request does nothing more.
 */
export function identifyPerson(
  context: IdentifyContext,
  reference: PersonReference,
  attributes: JsonObject,
): Profile | undefined {
  const { people } = context
  const body = bodyIdentifiers(context, attributes)
  const found = people.find(reference)
  if ('cioId' in reference) {
    if (found !== undefined) changeByCioId(context, found, body)
    return found
  }
  const other = otherIdentifier(reference, body)
  refuseSecondValue(context, reference, body)
  if (found === undefined) {
    const owner = other === undefined ? undefined : people.find(other)
    if (owner !== undefined) {
      setIdentifier(people, owner, reference)
      return owner
    }
    if (attributes['_update'] === true) return undefined
    const created = people.create(reference)
    if (other !== undefined) setIdentifier(people, created, other)
    return created
  }
  return other === undefined ? found : addIdentifier(context, found, reference, other)
}

type Free = Exclude<PersonReference, { cioId: string }>

/** The identifiers among the attributes that may be set at all. */
function bodyIdentifiers(context: IdentifyContext, attributes: JsonObject): { id?: string; email?: string } {
  const allowed: { id?: string; email?: string } = {}
  const { id, email } = attributes
  if (attributes['cio_id'] !== undefined) context.fail('cio_id', 'it cannot be changed')
  if (typeof id === 'number' || (typeof id === 'string' && id !== '')) {
    if (context.suppressions.has({ id: String(id) })) context.fail('id', 'it is suppressed')
    else allowed.id = String(id)
  }
  if (typeof email === 'string' && email !== '') {
    if (context.suppressions.has({ email })) context.fail('email', 'it is suppressed')
    else if (/^[^\s@]+@[^\s@]+$/.test(email)) allowed.email = email
    else context.fail('email', `${email} is not an email address`)
  }
  return allowed
}

function otherIdentifier(reference: Free, { id, email }: { id?: string; email?: string }): Free | undefined {
  if ('id' in reference) return email === undefined ? undefined : { email }
  return id === undefined ? undefined : { id }
}

/** `attributes.id` beside `identifiers.id`: the same is fine, another one would be a change. */
function refuseSecondValue(context: IdentifyContext, reference: Free, body: { id?: string; email?: string }): void {
  if ('id' in reference && body.id !== undefined && body.id !== reference.id) {
    context.fail('id', 'it can be changed by cio_id only')
  }
  if ('email' in reference && body.email !== undefined && body.email.toLowerCase() !== reference.email.toLowerCase()) {
    context.fail('email', 'it can be changed by cio_id only')
  }
}

function addIdentifier(context: IdentifyContext, found: Profile, reference: Free, other: Free): Profile {
  const { people } = context
  const name = 'id' in other ? 'id' : 'email'
  const owner = people.find(other)
  if (owner === found) return found
  if (owner === undefined) {
    if (found[name] === undefined || (name === 'email' && context.emailUpdatesById)) setIdentifier(people, found, other)
    else context.fail(name, 'it can be changed by cio_id only')
    return found
  }
  const lacking = 'id' in reference ? owner.id : owner.email
  if (found[name] === undefined && lacking === undefined) {
    const [older, younger] = found.number < owner.number ? [found, owner] : [owner, found]
    context.merge(older, younger)
    return older
  }
  context.fail(name, 'it belongs to another person')
  return found
}

function changeByCioId(context: IdentifyContext, found: Profile, { id, email }: { id?: string; email?: string }): void {
  for (const wanted of [...(id === undefined ? [] : [{ id }]), ...(email === undefined ? [] : [{ email }])]) {
    const owner = context.people.find(wanted)
    if (owner === undefined) setIdentifier(context.people, found, wanted)
    else if (owner !== found) context.fail('id' in wanted ? 'id' : 'email', 'it belongs to another person')
  }
}

function setIdentifier(people: People, profile: Profile, identifier: Free): void {
  if ('id' in identifier) people.setId(profile, identifier.id)
  else people.setEmail(profile, identifier.email)
}
