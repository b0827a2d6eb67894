import { defineProperties } from '../property.ts'

/** Fields of a message, as clients send them and as Millrace passes them on. */
export const messageFields = defineProperties({
  type: {
    type: 'string',
    description: 'Which of the six calls it is.',
    choices: ['identify', 'track', 'page', 'screen', 'group', 'alias'],
  },
  anonymousId: { type: 'string', accepts: ['number'], description: 'Stand-in for a user id, usually a UUID.' },
  userId: {
    type: 'string',
    accepts: ['number'],
    description: 'Id of the user in the database of the sender; numbers become strings.',
  },
  context: { type: 'object', description: 'Circumstances of the call.' },
  integrations: {
    type: 'object',
    description:
      'Which destinations get the message: a name with true, false or options; All stands for the names not listed.',
  },
  messageId: { type: 'string', accepts: ['number'], description: 'Id of the message, unique for its source.' },
  originalTimestamp: { type: 'datetime', description: "When it happened, by the client's clock." },
  timestamp: { type: 'datetime', description: "When it happened, corrected for the client's clock." },
  sentAt: { type: 'datetime', description: "When the request left, by the client's clock." },
  receivedAt: { type: 'datetime', description: 'When Millrace received it.' },
  version: { type: 'number', accepts: ['string'], description: 'Version of the tracking API that the client speaks.' },
  channel: { type: 'string', description: 'Where the call comes from.', choices: ['server', 'browser', 'mobile'] },
  writeKey: { type: 'string', description: 'Write key of the source; never stored.' },
  event: { type: 'string', description: 'Name of the event.' },
  properties: { type: 'object', description: 'Facts of the event, page or screen.' },
  traits: { type: 'object', description: 'Facts of the user or the group.' },
  name: { type: 'string', description: 'Name of the page or screen.' },
  category: { type: 'string', description: 'Category of the page or screen.' },
  groupId: {
    type: 'string',
    accepts: ['number'],
    description: 'Id of the group; a track message may name it in place of a person.',
  },
  previousId: { type: 'string', accepts: ['number'], description: 'Id that the user had before.' },
})
