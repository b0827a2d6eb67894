/** The fields of a message that a path may begin with. Another name is a typing mistake, so it is an error. */
const scalarFields = [
  'type',
  'event',
  'name',
  'userId',
  'anonymousId',
  'groupId',
  'previousId',
  'messageId',
  'category',
  'channel',
  'version',
  'timestamp',
  'originalTimestamp',
  'sentAt',
  'receivedAt',
  'projectId',
  'writeKey',
] as const
/** `standard` is the standard form: no field that is sent, but read like one. */
const objectFields = ['properties', 'traits', 'context', 'integrations', 'standard'] as const

export const messageFields: readonly string[] = [...objectFields, ...scalarFields]

/** In these fields a number literal stands for its text: `userId = 42` matches `"42"`. */
export const textFields: ReadonlySet<string> = new Set(['type', 'event', 'name', 'userId'])
