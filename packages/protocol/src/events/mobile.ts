import { defineEvents } from './define-events.ts'

const release = {
  version: { type: 'string', description: 'Version of the app.' },
  build: { type: 'string', description: 'Build number of the app.' },
} as const

const url = {
  type: 'string',
  description: 'Address that was followed; schemes of apps, and none at all, occur.',
} as const

const provider = { type: 'string', description: 'Service that made the link or attributed the install.' } as const

const campaign = {
  type: 'object',
  description: 'Campaign that led to it.',
  properties: {
    name: { type: 'string', description: 'Name.' },
    source: { type: 'string', description: 'Source.' },
    medium: { type: 'string', description: 'Medium.' },
    content: { type: 'string', description: 'Content.' },
  },
} as const

const action = { type: 'string', description: 'Button of the notification, "Open" when it has none.' } as const

const documentedBy = ['segment'] as const
const everyLibrary = ['iOS', 'Android', 'Swift', 'Kotlin', 'React Native', 'Customer.io'] as const

export const mobileEvents = defineEvents({
  'Application Installed': {
    description: 'The app was opened for the first time on a device.',
    properties: release,
    collectedBy: everyLibrary,
  },
  'Application Opened': {
    description: 'The app was started, or came back.',
    properties: {
      ...release,
      from_background: { type: 'boolean', description: 'Whether it came back rather than started.' },
      url,
      referring_application: { type: 'string', description: 'App that led here.' },
    },
    collectedBy: everyLibrary,
  },
  'Application Backgrounded': {
    description: 'The app went to the background.',
    properties: {},
    collectedBy: ['Swift', 'Kotlin', 'React Native', 'Customer.io'],
  },
  'Application Foregrounded': {
    description: 'The app came to the foreground.',
    properties: {},
    collectedBy: ['Swift', 'Customer.io'],
  },
  'Application Updated': {
    description: 'A new version was opened for the first time.',
    properties: {
      previous_version: { type: 'string', description: 'Version before.' },
      previous_build: { type: 'string', description: 'Build number before.' },
      ...release,
    },
    collectedBy: everyLibrary,
  },
  'Application Uninstalled': {
    description: 'The app was removed.',
    properties: {},
  },
  'Application Crashed': {
    description: 'The app crashed.',
    properties: {},
  },
  'Install Attributed': {
    description: 'An attribution service told where an install came from.',
    properties: {
      provider,
      campaign: {
        ...campaign,
        properties: {
          ...campaign.properties,
          ad_creative: { type: 'string', description: 'Creative of the ad.' },
          ad_group: { type: 'string', description: 'Group of the ad.' },
        },
      },
    },
    documentedBy,
  },
  'Push Notification Received': {
    description: 'A push notification arrived.',
    properties: { campaign },
    documentedBy,
  },
  'Push Notification Tapped': {
    description: 'A push notification was tapped.',
    properties: { action, campaign },
    documentedBy,
  },
  'Push Notification Bounced': {
    description: 'A push notification could not be delivered.',
    properties: { action, campaign },
    documentedBy,
  },
  'Deep Link Opened': {
    description: 'A deep link opened the app.',
    properties: { provider, url },
    documentedBy,
  },
  'Deep Link Clicked': {
    description: 'A deep link was clicked; no app has opened yet.',
    properties: { provider, url },
    documentedBy,
  },
})
