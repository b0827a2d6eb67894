import { defineEvents } from './define-events.ts'

const email = {
  email_id: { type: 'string', description: 'Id of the email.' },
  email_subject: { type: 'string', description: 'Subject.' },
  campaign_id: { type: 'string', description: 'Id of the campaign.' },
  campaign_name: { type: 'string', description: 'Name of the campaign.' },
} as const

const recipient = {
  traits: {
    type: 'object',
    description: 'Traits of the recipient.',
    properties: { email: { type: 'string', description: 'Email address of the recipient.' } },
  },
} as const

const reader = {
  ...recipient,
  ip: { type: 'string', description: 'Address of the device that opened it.' },
  user_agent: { type: 'string', description: 'User agent that opened it; elsewhere the key is userAgent.' },
} as const

export const emailEvents = defineEvents({
  'Email Bounced': {
    description: 'A mail server refused the email.',
    properties: { ...email, email_id: { ...email.email_id, requiredBy: ['customerio'] } },
    context: recipient,
  },
  'Email Delivered': {
    description: 'The mail server of the recipient accepted the email.',
    properties: email,
    context: recipient,
  },
  'Email Link Clicked': {
    description: 'A link in the email was followed.',
    properties: {
      ...email,
      link_id: { type: 'string', description: 'Id of the link.' },
      link_url: { type: 'url', description: 'Where the link leads.' },
    },
    context: reader,
  },
  'Email Marked as Spam': {
    description: 'The recipient called the email spam.',
    properties: email,
    context: reader,
  },
  'Email Opened': {
    description: 'The email was opened.',
    properties: email,
    context: reader,
  },
  Unsubscribed: {
    aliases: ['Email Unsubscribed'],
    description: 'The recipient wants no more email, of one list or of all.',
    properties: {
      ...email,
      list_id: { type: 'string', description: 'Id of the mailing list.' },
      list_name: { type: 'string', description: 'Name of the mailing list.' },
    },
    context: reader,
  },
})
