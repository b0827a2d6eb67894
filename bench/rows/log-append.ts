import { fileURLToPath } from 'node:url'
import { runNode } from '../processes.ts'
import type { Figure, Row, Run } from '../row.ts'
import { median, spreadOf } from '../spread.ts'
import { temporaryFolder } from '../temporary.ts'

/** The log alone, beside a plain file that takes the same blocks: what writing and fdatasync cost on this disk. */
export const logAppendRow: Row = {
  name: 'log-append',
  title: 'Append to the log, blocks of 50 messages',
  run: async (run) => {
    const figures: Figure[] = []
    for (const group of [1, 4, 16]) figures.push(await groupsOf(group, run))
    return figures
  },
}

const program = fileURLToPath(new URL('../programs/append-blocks.ts', import.meta.url))

interface Rate {
  perSecond: number
  cpuMicros: number
}

const groupsOf = async (group: number, run: Run): Promise<Figure> => {
  await using folder = temporaryFolder()
  const [turns, seconds] = run.quick ? [3, 0.5] : [9, 1]
  run.progress(`groups of ${group}`)
  const pairs = await runNode<{ file: Rate; log: Rate; blockBytes: number }>([
    program,
    folder.path,
    String(group),
    String(turns),
    String(seconds),
  ])
  const spread = spreadOf(pairs.map(({ log }) => log.perSecond))
  return {
    what: `${group} block${group === 1 ? '' : 's'} per fdatasync`,
    unit: 'messages/s',
    value: spread.median,
    spread,
    limit: { what: 'plain file, writev + fdatasync', value: median(pairs.map(({ file }) => file.perSecond)) },
    ratio: spreadOf(pairs.map(({ file, log }) => log.perSecond / file.perSecond)),
    cpuMicros: { 'append-blocks': median(pairs.map(({ log }) => log.cpuMicros)) },
    limitCpuMicros: median(pairs.map(({ file }) => file.cpuMicros)),
    notes: [`A block has ${pairs[0]?.blockBytes} bytes.`],
  }
}
