import { defineEvents } from './define-events.ts'

const documentedBy = ['segment'] as const
const context = { groupId: { type: 'string', description: 'Id of the account.' } } as const

const accountName = { type: 'string', description: 'Name of the account.' } as const
const username = { type: 'string', description: 'Login name.' } as const

const trial = {
  trial_start_date: { type: 'datetime', description: 'First day of the trial.' },
  trial_end_date: { type: 'datetime', description: 'Last day of the trial.' },
  trial_plan_name: { type: 'string', description: 'Plan that is tried.' },
} as const

export const b2bSaasEvents = defineEvents({
  'Account Created': {
    description: 'A customer account was opened.',
    properties: { account_name: accountName },
    context,
    documentedBy,
  },
  'Account Deleted': {
    description: 'A customer account was closed.',
    properties: { account_name: accountName },
    context,
    documentedBy,
  },
  'Signed Up': {
    aliases: ['User Signed Up'],
    description: 'Someone registered.',
    properties: {
      type: { type: 'string', description: 'How they came, such as organic or invited.' },
      first_name: { type: 'string', description: 'First name.' },
      last_name: { type: 'string', description: 'Last name.' },
      email: { type: 'string', description: 'Email address.' },
      phone: { type: 'string', description: 'Phone number.' },
      username,
      title: { type: 'string', description: 'Title, of the person or the position.' },
    },
    context,
    documentedBy,
  },
  'Signed In': {
    aliases: ['User Signed In'],
    description: 'A user logged in.',
    properties: { username },
    context,
    documentedBy,
  },
  'Signed Out': {
    aliases: ['User Signed Out'],
    description: 'A user logged out.',
    properties: { username },
    context,
    documentedBy,
  },
  'Invite Sent': {
    description: 'A user invited someone.',
    properties: {
      invitee_email: { type: 'string', description: 'Email address of the invited.' },
      invitee_first_name: { type: 'string', description: 'First name of the invited.' },
      invitee_last_name: { type: 'string', description: 'Last name of the invited.' },
      invitee_role: { type: 'string', description: 'Role that they are to have.' },
    },
    context,
    documentedBy,
  },
  'Account Added User': {
    description: 'Someone became a member of an account.',
    properties: { role: { type: 'string', description: 'Role in the account.' } },
    context,
    documentedBy,
  },
  'Account Removed User': {
    description: 'Someone is no longer a member of an account.',
    properties: {},
    context,
    documentedBy,
  },
  'Trial Started': {
    description: 'A trial began.',
    properties: trial,
    context,
    documentedBy,
  },
  'Trial Ended': {
    description: 'A trial is over.',
    properties: trial,
    context,
    documentedBy,
  },
})
