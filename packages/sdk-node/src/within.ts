/** Resolves when the work is done, or when so many milliseconds are over. */
export const within = async (work: Promise<unknown>, ms: number): Promise<void> => {
  if (ms === Infinity) {
    await work
    return
  }
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  try {
    await Promise.race([work, over])
  } finally {
    clearTimeout(timer)
  }
}
