import { isJsonObject, type Json, type JsonObject } from '@millrace/protocol'
import { bytesOf, FieldReader } from './field-reader.ts'
import { limits } from './limits.ts'
import { deliveryMetrics, eventKinds, platforms } from './operation.ts'
import type { EventKind, EventOperation, Metric, Operation, OperationProblem } from './operation.ts'
import { readAnyone, readObject, readPerson, readRelations } from './read-identifiers.ts'

export type ReadOperation = { readonly operation: Operation } | { readonly problems: readonly OperationProblem[] }

/** Checks the form of one entity operation: the body of `/api/v2/entity`, or an item of a batch. Changes nothing. */
export function readOperation(value: Json): ReadOperation {
  const reader = new FieldReader()
  if (!isJsonObject(value)) {
    reader.refuse('invalid', '', 'An operation must be an object')
    return { problems: reader.problems }
  }
  const bytes = bytesOf(JSON.stringify(value))
  if (bytes > limits.operationBytes) {
    reader.refuse('too_large', '', `The operation has ${bytes} bytes, at most ${limits.operationBytes} are allowed`)
    return { problems: reader.problems }
  }
  const operation = byType(reader, value)
  return reader.problems.length > 0 || operation === undefined ? { problems: reader.problems } : { operation }
}

function byType(reader: FieldReader, value: JsonObject): Operation | undefined {
  const type = reader.oneOf(value['type'], ['person', 'object', 'delivery'], 'type')
  if (reader.problems.length > 0) return undefined
  if (type === 'delivery') return readDelivery(reader, value)
  return type === 'person' ? readPersonOperation(reader, value) : readObjectOperation(reader, value)
}

function readPersonOperation(reader: FieldReader, value: JsonObject): Operation | undefined {
  const { action } = value
  const person = (): ReturnType<typeof readPerson> => readPerson(reader, value['identifiers'], 'identifiers')
  if (eventKinds.includes(action as EventKind)) return readEvent(reader, value, action as EventKind)
  switch (action) {
    case 'identify': {
      return {
        action,
        person: readAnyone(reader, value['identifiers'], 'identifiers'),
        attributes: reader.attributes(value['attributes'], 'attributes'),
        ...optional('timestamp', reader.seconds(value['timestamp'], 'timestamp')),
        relationships: readRelations(reader, value['cio_relationships'], readObject),
      }
    }
    case 'add_device': {
      const device = reader.object(value['device'], 'device')
      return {
        action,
        person: person(),
        token: reader.text(device['token'], 'device.token'),
        platform: reader.oneOf(device['platform'], platforms, 'device.platform'),
        ...optional('lastUsed', reader.seconds(device['last_used'], 'device.last_used')),
        attributes: reader.attributes(device['attributes'], 'device.attributes'),
      }
    }
    case 'delete_device': {
      const device = reader.object(value['device'], 'device')
      return { action, person: person(), token: reader.text(device['token'], 'device.token') }
    }
    case 'delete':
    case 'suppress':
    case 'unsuppress': {
      return { action, person: person() }
    }
    case 'merge': {
      const primary = readPerson(reader, value['primary'], 'primary')
      return { action, primary, secondary: readPerson(reader, value['secondary'], 'secondary') }
    }
    case 'add_relationships':
    case 'delete_relationships': {
      const relationships = readRelations(reader, value['cio_relationships'], readObject)
      if (relationships.length === 0) requireRelationships(reader)
      return { action, person: person(), relationships }
    }
    default: {
      refuseAction(reader, action, 'person')
      return undefined
    }
  }
}

function readEvent(reader: FieldReader, value: JsonObject, kind: EventKind): EventOperation {
  const person = readAnyone(reader, value['identifiers'], 'identifiers')
  // Documented: spaces around the name are trimmed.
  const name = reader.text(value['name'], 'name').trim()
  // The vendor's own mapping takes the URL as the name of a page, so pages and screens are assumed to have no limit.
  if (kind === 'event' && bytesOf(name) > limits.eventNameBytes) {
    reader.refuse(
      'too_long',
      'name',
      `name is ${bytesOf(name)} bytes long, at most ${limits.eventNameBytes} are allowed`,
    )
  }
  const { id } = value
  return {
    action: 'event',
    kind,
    person,
    name,
    ...optional('id', id === undefined || id === null ? undefined : reader.text(id, 'id')),
    attributes: reader.object(value['attributes'], 'attributes'),
    ...optional('timestamp', reader.seconds(value['timestamp'], 'timestamp')),
  }
}

function readObjectOperation(reader: FieldReader, value: JsonObject): Operation | undefined {
  const { action } = value
  const object = readObject(reader, value['identifiers'], 'identifiers')
  switch (action) {
    case 'identify':
    case 'identify_anonymous': {
      const attributes = reader.attributes(value['attributes'], 'attributes')
      const relationships = readRelations(reader, value['cio_relationships'], readAnyone)
      for (const [index, { target }] of relationships.entries()) {
        if ('anonymousId' in target === (action === 'identify_anonymous')) continue
        const field = `cio_relationships[${index}].identifiers`
        const wanted = action === 'identify' ? 'id, email or cio_id' : 'anonymous_id'
        reader.refuse('invalid', field, `${field} must hold ${wanted} with the action ${action}`)
      }
      return { action: 'identify_object', object, attributes, relationships }
    }
    case 'delete': {
      return { action: 'delete_object', object }
    }
    case 'add_relationships':
    case 'delete_relationships': {
      const relationships = readRelations(reader, value['cio_relationships'], readPerson)
      if (relationships.length === 0) requireRelationships(reader)
      const named = action === 'add_relationships' ? 'add_object_relationships' : 'delete_object_relationships'
      return { action: named, object, relationships }
    }
    default: {
      refuseAction(reader, action, 'object')
      return undefined
    }
  }
}

/** Documented: metrics of push messages may come as an entity, with the device that got the message. */
function readDelivery(reader: FieldReader, value: JsonObject): Operation {
  reader.oneOf(value['action'], ['event'], 'action')
  const attributes = reader.object(value['attributes'], 'attributes')
  reader.text(attributes['device_token'], 'attributes.device_token')
  return {
    action: 'metric',
    deliveryId: reader.text(reader.object(value['identifiers'], 'identifiers')['id'], 'identifiers.id'),
    metric: reader.oneOf(value['name'], ['opened', 'converted', 'delivered'], 'name'),
    details: attributes,
  }
}

/** The body of `/api/v1/metrics`. */
export function readMetric(
  value: Json,
): { readonly metric: Metric } | { readonly problems: readonly OperationProblem[] } {
  const reader = new FieldReader()
  if (!isJsonObject(value)) reader.refuse('invalid', '', 'A metric must be an object')
  const { delivery_id: id, metric: name, timestamp, ...details } = isJsonObject(value) ? value : {}
  const metric: Metric = {
    deliveryId: reader.text(id, 'delivery_id'),
    metric: reader.oneOf(name, deliveryMetrics, 'metric'),
    ...optional('timestamp', reader.seconds(timestamp, 'timestamp')),
    details,
  }
  return reader.problems.length > 0 ? { problems: reader.problems } : { metric }
}

const requireRelationships = (reader: FieldReader): void =>
  reader.refuse('required', 'cio_relationships', 'cio_relationships is required and must not be empty')

function refuseAction(reader: FieldReader, action: Json | undefined, type: string): void {
  const reason = action === undefined ? 'required' : 'invalid'
  reader.refuse(reason, 'action', `A ${type} has no action ${JSON.stringify(action) ?? 'without a name'}`)
}

/** A key that is left out when there is no value. */
const optional = <K extends string, V>(key: K, value: V | undefined): { [name in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { [name in K]?: V })
