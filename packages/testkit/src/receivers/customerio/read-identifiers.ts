import { isJsonObject, type Json } from '@millrace/protocol'
import type { FieldReader } from './field-reader.ts'
import { limits } from './limits.ts'
import type { AnonymousReference, ObjectReference, PersonReference, Relation } from './operation.ts'

const personKeys = ['id', 'email', 'cio_id'] as const

/** Documented: exactly one of id, email and cio_id ("You cannot pass multiple identifiers"). */
export function readPerson(reader: FieldReader, value: Json | undefined, field: string): PersonReference {
  const reference = readAnyone(reader, value, field)
  if (!('anonymousId' in reference)) return reference
  reader.refuse('required', field, `${field} must hold one of ${personKeys.join(', ')}`)
  return { id: '' }
}

/** As above, or `anonymous_id`: not in the documented form of v2, but what integrations of the vendor send. */
export function readAnyone(
  reader: FieldReader,
  value: Json | undefined,
  field: string,
): PersonReference | AnonymousReference {
  const identifiers = reader.object(value, field)
  const given = [...personKeys, 'anonymous_id'].filter((key) => identifiers[key] !== undefined)
  const [key] = given
  if (key === undefined || given.length > 1) {
    const reason = key === undefined ? 'required' : 'invalid'
    reader.refuse(reason, field, `${field} must hold exactly one of ${personKeys.join(', ')}`)
    return { id: '' }
  }
  const text = reader.text(identifiers[key], `${field}.${key}`, limits.idBytes)
  if (key === 'email') return { email: text }
  if (key === 'cio_id') return { cioId: text }
  return key === 'id' ? { id: text } : { anonymousId: text }
}

/** Documented: `object_type_id` is an integer from 1 as a string, and must be given with `object_id`. */
export function readObject(reader: FieldReader, value: Json | undefined, field: string): ObjectReference {
  const identifiers = reader.object(value, field)
  const typeId = reader.text(identifiers['object_type_id'], `${field}.object_type_id`)
  if (reader.problems.length === 0 && !/^[1-9]\d*$/.test(typeId)) {
    reader.refuse(
      'invalid',
      `${field}.object_type_id`,
      `${field}.object_type_id must be an integer from 1, as a string`,
    )
  }
  return { typeId, id: reader.text(identifiers['object_id'], `${field}.object_id`, limits.idBytes) }
}

/** The entries of `cio_relationships`, whose identifiers `readTarget` reads. */
export function readRelations<Target>(
  reader: FieldReader,
  value: Json | undefined,
  readTarget: (reader: FieldReader, value: Json | undefined, field: string) => Target,
): Relation<Target>[] {
  return reader.list(value, 'cio_relationships').map((entry, index) => {
    const field = `cio_relationships[${index}]`
    const relation = isJsonObject(entry) ? entry : {}
    return {
      target: readTarget(reader, relation['identifiers'], `${field}.identifiers`),
      attributes: reader.attributes(relation['relationship_attributes'], `${field}.relationship_attributes`),
    }
  })
}
