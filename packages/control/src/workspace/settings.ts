import { defineFields } from '@millrace/component-kit'

const limits = defineFields({
  maxMessageBytes: {
    type: 'integer',
    label: 'Message size',
    description: 'Bytes of one message as JSON. Above it the message is refused. The default is 32768.',
    example: 65_536,
    minimum: 1024,
  },
  maxBodyBytes: {
    type: 'integer',
    label: 'Body size',
    description: 'Bytes of one request, also after decompression. Above it the answer is 413. The default is 4194304.',
    example: 8_388_608,
    minimum: 1024,
  },
  maxBatchMessages: {
    type: 'integer',
    label: 'Messages in a batch',
    description: 'Above it the batch is refused whole. The default is 2500.',
    example: 5000,
    minimum: 1,
  },
  bodyTimeoutMs: {
    type: 'integer',
    label: 'Body timeout',
    description: 'Milliseconds for a whole body to arrive; then the answer is 408. The default is 30000.',
    example: 60_000,
    minimum: 100,
  },
  maxWaitingBytes: {
    type: 'integer',
    label: 'Bytes that wait',
    description: 'Bytes of bodies being read and not yet durable; above it the answer is 503. The default is 67108864.',
    example: 134_217_728,
    minimum: 1_048_576,
  },
  rejectionsPerMinute: {
    type: 'integer',
    label: 'Rejections kept',
    description:
      'Refused messages that are stored one by one, per source and minute; more are counted. The default is 600.',
    example: 1000,
    minimum: 0,
  },
  unknownKeyRejectionsPerMinute: {
    type: 'integer',
    label: 'Rejections kept, unknown keys',
    description: 'The same for requests whose write key no source has. The default is 60.',
    example: 100,
    minimum: 0,
  },
})

const deduplication = defineFields({
  windowMs: {
    type: 'integer',
    label: 'Window',
    description: 'Milliseconds for which a messageId is remembered, by the time received.',
    example: 3_600_000,
    minimum: 0,
    default: 86_400_000,
  },
  maxIds: {
    type: 'integer',
    label: 'Ids remembered',
    description: 'The window ends earlier when it holds this many ids. Ten million take about 143 MB.',
    example: 1_000_000,
    minimum: 1000,
    maximum: 1_000_000_000,
    default: 10_000_000,
  },
})

const retention = defineFields({
  maxAgeMs: {
    type: 'integer',
    label: 'Age',
    description: 'Milliseconds for which the log keeps messages. What a destination still waits for is kept longer.',
    example: 2_592_000_000,
    minimum: 60_000,
    default: 604_800_000,
  },
  maxBytes: {
    type: 'integer',
    label: 'Size',
    description:
      'Bytes of log that are kept; the oldest are removed first, but nothing that a destination has not read. Absent: as much as the quota.',
    example: 10_737_418_240,
    minimum: 1_048_576,
  },
  diskQuotaBytes: {
    type: 'integer',
    label: 'Disk quota',
    description:
      'Bytes of log that may be kept for destinations that have not read them. Absent: as much as leaves a tenth of the disk free, at most 1 GiB; never more than that.',
    example: 107_374_182_400,
    minimum: 1_048_576,
  },
  atQuota: {
    type: 'string',
    label: 'At the quota',
    description:
      'expire: the oldest messages that stopped destinations wait for become dead(expired). keep: they are kept; when the disk is full new messages are refused with 503.',
    example: 'keep',
    choices: ['expire', 'keep'],
    default: 'expire',
  },
  expireAfterMs: {
    type: 'integer',
    label: 'Stopped for',
    description:
      'Milliseconds for which a destination must have been paused, or its circuit open, before anything of it expires.',
    example: 3_600_000,
    minimum: 0,
    default: 600_000,
  },
  intervalMs: {
    type: 'integer',
    label: 'Interval',
    description: 'Milliseconds between two looks at what may be removed.',
    example: 60_000,
    minimum: 50,
    maximum: 3_600_000,
    default: 10_000,
  },
})

const deadLetters = defineFields({
  maxAgeMs: {
    type: 'integer',
    label: 'Age',
    description:
      'Milliseconds for which message, request and answer of a dead message are kept, also when the log no longer has it. The letter itself stays. The default is 30 days.',
    example: 7_776_000_000,
    minimum: 1000,
    maximum: 315_360_000_000,
    default: 2_592_000_000,
  },
  maxCopies: {
    type: 'integer',
    label: 'Copies',
    description: 'For each destination, of so many dead messages; those that die above it are kept without a copy.',
    example: 10_000,
    minimum: 0,
    default: 100_000,
  },
  maxBytes: {
    type: 'integer',
    label: 'Size',
    description: 'The same bound in bytes.',
    example: 10_737_418_240,
    minimum: 0,
    default: 1_073_741_824,
  },
})

const metrics = defineFields({
  public: {
    type: 'boolean',
    label: 'Public metrics',
    description: 'Serve /metrics without the token, for a scraper on a closed network.',
    example: true,
    default: false,
  },
})

const alerts = defineFields({
  intervalMs: {
    type: 'integer',
    label: 'Interval',
    description: 'Milliseconds between two looks at the alerts.',
    example: 60_000,
    minimum: 50,
    maximum: 3_600_000,
    default: 15_000,
  },
})

/** What may be joined; the same fields are tried by `POST /api/identity/try`. */
export const identitySettings = defineFields({
  maxUserIds: {
    type: 'integer',
    label: 'User ids',
    description: 'Of one person. A message that would join more is refused as a link; an alias is not.',
    example: 2,
    minimum: 1,
    default: 1,
  },
  maxAnonymousIds: {
    type: 'integer',
    label: 'Anonymous ids',
    description: 'Of one person: browsers and devices.',
    example: 50,
    minimum: 1,
    default: 5,
  },
  blockedValues: {
    type: 'string',
    many: true,
    label: 'Blocked values',
    description: 'Ids that join nobody, compared exactly, beside the built-in ones (null, undefined, anonymous, …).',
    example: ['test-user'],
    default: [],
  },
  maxIdentifiers: {
    type: 'integer',
    label: 'Identifiers',
    description: 'Of one person, of all types together.',
    example: 200,
    minimum: 2,
    maximum: 100_000,
    default: 1_000,
  },
  maxMerges: {
    type: 'integer',
    label: 'Merges',
    description: 'How often two profiles that had links may become one person.',
    example: 20,
    minimum: 0,
    maximum: 100_000,
    default: 100,
  },
  maxLinks: {
    type: 'integer',
    label: 'Links',
    description: 'Of one identifier, refused ones included; one with more joins nothing any more.',
    example: 100,
    minimum: 1,
    maximum: 100_000,
    default: 1_000,
  },
})

/** The groups under `settings` of the document. */
export const settingsGroups = {
  limits,
  deduplication,
  retention,
  deadLetters,
  metrics,
  alerts,
  identity: identitySettings,
} as const
