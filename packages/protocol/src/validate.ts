import { exceedsDepth, maxNestingLevels } from './depth.ts'
import { textId } from './ids.ts'
import { isJsonObject } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import type { MessageType } from './message.ts'
import { describeValue } from './problem.ts'
import type { Problem } from './problem.ts'
import type { RejectionCode } from './codes.ts'

/**
 * The first problem of a message, or `undefined` for one that is accepted. `message` is what JSON.parse gave, `type` what
 * `typeOf` said, `depth` its levels of nesting where the caller knows them. Sizes in bytes and write keys are checked elsewhere. Allocates nothing for an accepted message.
 *
 * Who it is about: `userId` or `anonymousId`, non-empty text or a number. Without both are accepted: identify with an
 * email trait (Customer.io), group and track with a `groupId` (Customer.io's Go and Python clients).
 * Not refused: unusable times (ignored), any `messageId` (replaced), null for every optional field (as absent).
 */
export function checkMessage(message: JsonObject, type: MessageType, depth?: number): Problem | undefined {
  return (
    checkId(message.userId, 'userId') ??
    checkId(message.anonymousId, 'anonymousId') ??
    checkCall(message, type) ??
    checkWho(message, type) ??
    checkObject(message.context, 'context') ??
    checkObject(message.integrations, 'integrations') ??
    checkDepth(message, depth)
  )
}

/** What the type of the call demands beside the common fields. */
function checkCall(message: JsonObject, type: MessageType): Problem | undefined {
  switch (type) {
    case 'track':
      return checkEvent(message.event) ?? checkObject(message.properties, 'properties')
    case 'identify':
      return checkObject(message.traits, 'traits')
    case 'page':
    case 'screen':
      return (
        checkText(message.name, 'name') ??
        checkText(message.category, 'category') ??
        checkObject(message.properties, 'properties')
      )
    case 'group':
      return checkNamedId(message.groupId, 'groupId', 'no_group_id') ?? checkObject(message.traits, 'traits')
    default: // alias
      return checkNamedId(message.previousId, 'previousId', 'no_previous_id')
  }
}

function checkWho(message: JsonObject, type: MessageType): Problem | undefined {
  if (isId(message.userId) || isId(message.anonymousId)) return undefined
  switch (type) {
    case 'identify':
      if (hasEmail(message)) return undefined
      return noIdentity('Set userId or anonymousId, or an email trait.')
    case 'group':
      return undefined // its groupId is checked
    case 'track':
      if (isId(message.groupId)) return undefined
      return noIdentity('Set userId or anonymousId, or groupId for an event of a group.')
    default:
      return noIdentity('Set userId or anonymousId.')
  }
}

const noIdentity = (remedy: string): Problem => ({
  code: 'no_identity',
  path: '',
  reason: `Nothing says who the message is about. ${remedy}`,
})

function hasEmail(message: JsonObject): boolean {
  if (isJsonObject(message.traits) && isText(message.traits.email)) return true
  const { context } = message
  return isJsonObject(context) && isJsonObject(context.traits) && isText(context.traits.email)
}

const isText = (value: Json | undefined): boolean => typeof value === 'string' && value !== ''

const isId = (value: Json | undefined): boolean =>
  typeof value === 'number' ? textId(value) !== undefined : isText(value)

/** Absent, null and empty are no id; a value that can never be one is refused rather than overlooked. */
function checkId(value: Json | undefined, path: string): Problem | undefined {
  if (value === undefined || value === null || typeof value === 'string') return undefined
  if (typeof value === 'number') {
    if (textId(value) !== undefined) return undefined
    return invalidField(path, value, 'a string: a JSON number of this size loses digits, and ids of two people meet')
  }
  return invalidField(path, value, 'a string or a number')
}

function checkNamedId(value: Json | undefined, path: string, code: RejectionCode): Problem | undefined {
  if (isId(value)) return undefined
  return (
    checkId(value, path) ?? {
      code,
      path,
      reason: `${path} is ${describeValue(value)}. Send a non-empty string or a number.`,
    }
  )
}

function checkEvent(event: Json | undefined): Problem | undefined {
  if (isText(event)) return undefined
  const code = event === undefined || event === null || event === '' ? 'no_event' : 'invalid_event'
  return {
    code,
    path: 'event',
    reason: `event is ${describeValue(event)}. Send the event's name as a non-empty string.`,
  }
}

function checkText(value: Json | undefined, path: string): Problem | undefined {
  if (value === undefined || value === null || typeof value === 'string') return undefined
  return invalidField(path, value, 'a string')
}

function checkObject(value: Json | undefined, path: string): Problem | undefined {
  if (value === undefined || value === null || isJsonObject(value)) return undefined
  return invalidField(path, value, 'an object')
}

const invalidField = (path: string, value: Json, remedy: string): Problem => ({
  code: 'invalid_field',
  path,
  reason: `${path} is ${describeValue(value)}. Send ${remedy}, or leave it out.`,
})

function checkDepth(message: JsonObject, depth: number | undefined): Problem | undefined {
  const isTooDeep = depth === undefined ? exceedsDepth(message, maxNestingLevels) : depth > maxNestingLevels
  if (!isTooDeep) return undefined
  return {
    code: 'too_deep',
    path: '',
    reason: `The message nests more than ${maxNestingLevels} levels. Flatten it; a serialised cycle looks like this.`,
  }
}
