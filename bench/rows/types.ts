import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { standardEvents } from '@millrace/protocol'
import type { Row } from '../row.ts'
import { median, spreadOf } from '../spread.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)

/** How long the compiler takes for a file with 100 track calls of standard events, beside the same file without them. */
export const typesRow: Row = {
  name: 'types',
  title: 'Check the types of 100 track calls',
  run: async ({ quick, progress }) => {
    mkdirSync(join(root, '.cache'), { recursive: true })
    // Inside the repository, so that its packages are found.
    const folder = mkdtempSync(join(root, '.cache/types-'))
    try {
      const turns = quick ? 3 : 11
      const times: { calls: number; none: number }[] = []
      writeProject(folder, 'calls', 100)
      writeProject(folder, 'none', 0)
      for (let turn = 0; turn <= turns; turn++) {
        const time = { calls: await check(folder, 'calls'), none: await check(folder, 'none') }
        progress(`turn ${turn} of ${turns}: ${Math.round(time.calls)} and ${Math.round(time.none)} ms`)
        // The first brings the files into memory.
        if (turn > 0) times.push(time)
      }
      const spread = spreadOf(times.map(({ calls }) => calls))
      return [
        {
          what: 'tsc, 100 calls',
          unit: 'ms',
          value: spread.median,
          spread,
          limit: { what: 'no calls', value: median(times.map(({ none }) => none)) },
          ratio: spreadOf(times.map(({ calls, none }) => calls / none)),
        },
      ]
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

const writeProject = (folder: string, name: string, calls: number): void => {
  const lines = Array.from({ length: calls }, (_, at) => {
    const event = standardEvents[at % standardEvents.length]
    const property = Object.entries(event?.properties ?? {}).find(
      ([, { type }]) => type === 'string' || type === 'number',
    )
    const properties =
      property === undefined ? '' : `${property[0]}: ${property[1].type === 'number' ? at : `'${at}'`}, `
    return `analytics.track({ userId: 'u', event: '${event?.name}', properties: { ${properties}extra: ${at} } })`
  })
  const head = [
    "import { createAnalytics } from '@millrace/node'",
    "const analytics = createAnalytics({ writeKey: 'w', host: 'h' })",
  ]
  writeFileSync(join(folder, `${name}.ts`), [...head, ...lines, 'export { analytics }', ''].join('\n'))
  const config = { extends: '../../tsconfig.base.json', files: [`${name}.ts`] }
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(config))
}

const check = async (folder: string, name: string): Promise<number> => {
  const started = performance.now()
  await run(join(root, 'node_modules/.bin/tsc'), ['--project', join(folder, `${name}.json`)], { cwd: root })
  return performance.now() - started
}
