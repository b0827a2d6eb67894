import { defineFields } from '@millrace/component-kit'

/** Ids of sources, destinations, notifiers and alerts: they are parts of URLs, file names and warehouse schemas. */
export const idPattern = '^[a-z0-9][a-z0-9_-]{0,63}$'

/** Write keys travel in Basic authentication and in URLs, so: visible ASCII without a colon. */
export const writeKeyPattern = '^[!-9;-~]{1,200}$'

/** The parts of the document; check and JSON Schema are read off them. */
export const rootFields = defineFields({
  $schema: {
    type: 'string',
    label: 'Schema',
    description: 'For editors; not looked at.',
    example: './workspace.schema.json',
  },
  sources: {
    type: 'object',
    label: 'Sources',
    description: 'What may send messages, by id.',
    example: { web: { type: 'http', writeKeys: ['wk_web'] } },
  },
  destinations: {
    type: 'object',
    label: 'Destinations',
    description: 'What receives messages, by id.',
    example: { hook: { type: 'webhook', settings: { url: 'https://example.com/in' } } },
  },
  notifiers: {
    type: 'object',
    label: 'Notifiers',
    description: 'Who is told of alerts, by id.',
    example: { ops: { type: 'webhook', settings: { url: 'https://example.com/alerts' } } },
  },
  alerts: {
    type: 'object',
    label: 'Alerts',
    description: 'What is watched, by id.',
    example: { failing: { type: 'failure_share', settings: { percent: 20 }, notify: ['ops'] } },
  },
  network: {
    type: 'object',
    label: 'Network',
    description: 'Which addresses are trusted.',
    example: { allow: ['10.0.0.0/8'] },
  },
  settings: {
    type: 'object',
    label: 'Settings',
    description: 'Limits, deduplication, retention, dead letters, metrics and alerts.',
    example: { retention: { maxAgeMs: 2_592_000_000 } },
  },
})

export const networkFields = defineFields({
  allow: {
    type: 'string',
    many: true,
    label: 'Allowed addresses',
    description: 'Address ranges outside the public internet that destinations may be sent to.',
    example: ['10.0.0.0/8'],
    default: [],
  },
  trustedProxies: {
    type: 'string',
    many: true,
    label: 'Trusted proxies',
    description:
      'Address ranges of proxies whose X-Forwarded-For, X-Forwarded-Host and X-Forwarded-Proto are believed.',
    example: ['10.1.0.0/16'],
    default: [],
  },
  publicUrl: {
    type: 'string',
    label: 'Public URL',
    description:
      'Where clients reach this server: what settings documents tell browsers to send to. When absent, the address that each request was sent to.',
    example: 'https://events.example.com',
  },
})

const name = {
  type: 'string',
  label: 'Name',
  description: 'For people. The id when absent.',
  example: 'Web shop',
} as const

const settings = {
  type: 'object',
  label: 'Settings',
  description: 'What the type declares. Any text may be { "$env": "NAME" }: then it is read from the environment.',
  example: {},
} as const

const enabled = {
  type: 'boolean',
  label: 'Enabled',
  description: 'Whether it takes part.',
  example: false,
  default: true,
} as const

export const sourceFields = defineFields({
  type: { type: 'string', label: 'Type', description: 'The kind of source.', example: 'http', required: true },
  name,
  writeKeys: {
    type: 'string',
    many: true,
    label: 'Write keys',
    description: 'What clients authenticate with. A key belongs to one source.',
    example: ['wk_web'],
    required: true,
  },
  enabled,
  settings,
})

export const destinationFields = defineFields({
  type: {
    type: 'string',
    label: 'Type',
    description: 'The destination or warehouse component.',
    example: 'webhook',
    required: true,
  },
  name,
  sources: {
    type: 'string',
    many: true,
    label: 'Sources',
    description: 'Ids of the sources whose messages it receives. All when absent.',
    example: ['web'],
  },
  enabled,
  settings,
  delivery: {
    type: 'object',
    label: 'Delivery',
    description: 'How it is delivered to, whatever its type: concurrency, timeout, retries.',
    example: {},
  },
  mappings: {
    type: 'object',
    many: true,
    label: 'Mappings',
    description: 'What runs, in place of the presets of the type.',
    example: [{ action: 'send', trigger: 'type = "track"' }],
  },
  formerId: {
    type: 'string',
    label: 'Former id',
    description: 'After a rename: the id before. Cursor and account go on under the new one.',
    example: 'hook',
  },
  startAt: {
    type: 'datetime',
    label: 'Start at',
    description: 'Time of the first message that a new destination receives. Now when absent.',
    example: '2026-01-02T03:04:05Z',
  },
})

export const mappingFields = defineFields({
  name: {
    type: 'string',
    label: 'Name',
    description: "Names the mapping among those of the destination, in its ledger too. The action's name when absent.",
    example: 'Orders',
  },
  action: { type: 'string', label: 'Action', description: 'What is done.', example: 'send', required: true },
  trigger: {
    type: 'string',
    label: 'Trigger',
    description: "For which messages, in the trigger language. The action's own trigger when absent.",
    example: 'type = "track"',
  },
  fields: {
    type: 'object',
    label: 'Fields',
    description: "In the mapping language. Each field replaces that one of the action's default mapping.",
    example: { data: { '@path': '$.properties' } },
  },
  enabled,
})

export const notifierFields = defineFields({
  type: { type: 'string', label: 'Type', description: 'How it is told.', example: 'webhook', required: true },
  name,
  settings,
})

export const alertFields = defineFields({
  type: { type: 'string', label: 'Type', description: 'The rule.', example: 'failure_share', required: true },
  name,
  enabled: { ...enabled, description: 'Whether it is watched.' },
  settings,
  notify: {
    type: 'string',
    many: true,
    label: 'Notify',
    description: 'Ids of the notifiers that are told when it begins and when it ends.',
    example: ['ops'],
    default: [],
  },
  forMs: {
    type: 'integer',
    label: 'For',
    description: 'Milliseconds for which it must hold before it fires.',
    example: 120_000,
    minimum: 0,
    default: 0,
  },
  reminderMs: {
    type: 'integer',
    label: 'Reminder',
    description: 'Milliseconds after which the notifiers are told again while it lasts. Never when absent.',
    example: 86_400_000,
    minimum: 1000,
  },
})
