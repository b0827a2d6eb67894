import { defineEvents } from './define-events.ts'

const chat = {
  agent_id: { type: 'string', description: 'Id of the agent.' },
  agent_name: { type: 'string', description: 'Name of the agent.' },
  agent_username: { type: 'string', description: 'Login name of the agent.' },
  conversation_id: { type: 'string', description: 'Id of the conversation.', recommendedBy: ['customerio'] },
  conversation_duration: { type: 'number', description: 'Seconds since the conversation began.' },
  message_id: { type: 'string', description: 'Id of the chat message.', recommendedBy: ['customerio'] },
  message_body: { type: 'string', description: 'Text of the chat message.' },
} as const

/** The vendors disagree on who sends and who receives; compare only within one. */
export const liveChatEvents = defineEvents({
  'Live Chat Conversation Started': {
    description: 'The customer wrote the first message.',
    properties: chat,
  },
  'Live Chat Conversation Ended': {
    description: 'One side closed the conversation.',
    properties: chat,
  },
  'Live Chat Message Sent': {
    description: 'A message, from the customer by Segment, from the agent by Customer.io.',
    properties: chat,
  },
  'Live Chat Message Received': {
    description: 'A message, from the agent by Segment, from the customer by Customer.io.',
    properties: chat,
  },
})
