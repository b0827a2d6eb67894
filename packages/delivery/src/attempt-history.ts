/** One try to deliver that failed. */
export interface Attempt {
  at: string
  durationMs: number
  /** What the receiver said, or what went wrong: the code of the outcome. */
  code: string
  /** The HTTP status, when the code says one. */
  status?: number
}

/** So many attempts are kept: how it began, and how it went lately. Four hours with a minute between them are 240. */
const FIRST = 3
const LAST = 20

/**
 * Adds a failed attempt to those of a delivery, oldest first. Of many the first three and the last twenty are kept; the
 * number of all is counted beside them.
 */
export const addAttempt = (
  history: readonly Attempt[] | undefined,
  startedMs: number,
  endedMs: number,
  code: string,
): readonly Attempt[] => {
  const status = statusOf(code)
  const attempt: Attempt = {
    at: new Date(startedMs).toISOString(),
    durationMs: endedMs - startedMs,
    code,
    ...(status !== undefined && { status }),
  }
  const all = [...(history ?? []), attempt]
  return all.length <= FIRST + LAST ? all : [...all.slice(0, FIRST), ...all.slice(-LAST)]
}

/** Destinations call a failed answer `http_<status>`. */
const statusOf = (code: string): number | undefined => {
  const [, digits] = /^http_(\d{3})$/.exec(code) ?? []
  return digits === undefined ? undefined : Number(digits)
}
