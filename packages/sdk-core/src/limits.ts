/** What the Tracking API takes, by its documented limits. Bytes are of UTF-8. */
export const maxMessageBytes = 32 * 1024
/** Segment's documented 500 KB; Millrace takes 4 MiB. */
export const maxBatchBytes = 500_000
/** Of Millrace and of Segment. */
export const maxBatchMessages = 2500
