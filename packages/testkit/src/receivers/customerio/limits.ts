/**
 * What Customer.io documents for its Track API. Where a limit says what happens beyond it, that is an assumption of this
 * fake: it refuses the operation, so that a test sees what a real workspace might drop silently.
 */
export const limits = {
  /** Documented: the body of `/api/v2/entity`, and each operation of a batch: "32kb or smaller". */
  operationBytes: 32 * 1024,
  /** Documented: the body of `/api/v2/batch`: 500 kB, read as decimal, the stricter reading. */
  batchBytes: 500_000,
  /** Documented: an id of a person or of an object. */
  idBytes: 150,
  attributeNameBytes: 150,
  /** Documented for people, objects and relationships. The data of an event is bounded only by the operation. */
  attributeValueBytes: 1000,
  /** Documented: for one identify call. */
  attributesPerIdentify: 300,
  eventNameBytes: 100,
} as const

/** Documented: anonymous activity is deleted after 30 days. Counted from its receipt, which is an assumption. */
export const anonymousRetentionMs = 30 * 24 * 3_600_000

/** Documented: anonymous events that are received up to five minutes after the identify call still merge. */
export const lateAnonymousMs = 5 * 60_000
