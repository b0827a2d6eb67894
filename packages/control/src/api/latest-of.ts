/**
 * Runs `work` and yields what it notes meanwhile; returns its result. Of several notes between two reads only the last
 * one is kept, so a slow reader holds up nothing and costs no memory.
 */
export async function* latestOf<N, R>(work: (note: (value: N) => void) => Promise<R>): AsyncGenerator<N, R> {
  let latest: { value: N } | undefined
  let finished = false
  let wake = () => undefined as void
  const result = work((value) => {
    latest = { value }
    wake()
  }).finally(() => {
    finished = true
    wake()
  })
  // The reader may leave before the end; the failure is then nobody's.
  result.catch(() => undefined)
  for (;;) {
    if (latest !== undefined) {
      const { value } = latest
      latest = undefined
      yield value
    } else if (finished) {
      return result
    } else {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
}
