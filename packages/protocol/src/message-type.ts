import type { JsonObject } from './json.ts'
import type { MessageType } from './message.ts'

/**
 * The type of a message: that of the route when the route names one, else the message's own `type`.
 * The route wins over a different `type` in the body because it is the call that the client made.
 * `undefined` when there is none of the six (the rejection `unknown_type`).
 */
export function typeOf(message: JsonObject, routeType: MessageType | undefined): MessageType | undefined {
  if (routeType !== undefined) return routeType
  switch (message.type) {
    case 'identify':
    case 'track':
    case 'page':
    case 'screen':
    case 'group':
    case 'alias':
      return message.type
    default:
      return undefined
  }
}
