/**
 * The block that the kill test's child appends as its `number`th in a round: its name, again and again, up to 20 KB.
 * Made without a generator, so that the child starts, and the parent compares, quickly.
 */
export const killBlock = (seed: number, round: number, number: number): Buffer => {
  const name = `${round}/${number} `
  return Buffer.alloc(name.length + ((seed + round * 104_729 + number * 7919) % 20_000), name)
}

/** The round and number in a block's name. */
export const nameOf = (block: Buffer): { round: number; number: number } => {
  const [round, number] = block
    .toString('latin1', 0, Math.max(0, block.indexOf(' ')))
    .split('/')
    .map(Number)
  return { round: round ?? Number.NaN, number: number ?? Number.NaN }
}
