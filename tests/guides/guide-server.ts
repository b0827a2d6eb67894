import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Message } from '@millrace/protocol'
import { eventually } from '../support/eventually.ts'
import { ServerUnderTest } from '../support/server-under-test.ts'
import { root } from '../structure/source-files.ts'

const run = promisify(execFile)

/** One server with two sources: `old` stands for the system that is left, `web` for the source that takes over. */
export class GuideServer implements AsyncDisposable {
  readonly server: ServerUnderTest
  /** Inside the repository, so that the code of the guides finds its packages. */
  readonly folder: string

  private constructor(server: ServerUnderTest, folder: string) {
    this.server = server
    this.folder = folder
  }

  static async start(): Promise<GuideServer> {
    mkdirSync(join(root, '.cache'), { recursive: true })
    const folder = await mkdtemp(join(root, '.cache/guides-'))
    const source = (writeKey: string) => ({ type: 'http', writeKeys: [writeKey] })
    const workspace = { sources: { web: source('wk_web'), old: source('wk_old') } }
    return new GuideServer(await ServerUnderTest.start({ folder, workspace, ingestProcesses: 0 }), folder)
  }

  async messages(source: string): Promise<Message[]> {
    const { entries } = await this.server.api.tail({ from: '0:0', source, limit: 1000 })
    return entries.flatMap(({ message }) => (message === undefined ? [] : [message]))
  }

  /** Waits until a source has as many different messages. */
  async arrived(source: string, count: number): Promise<Message[]> {
    return eventually(`${count} messages of ${source}`, async () => {
      const messages = await this.messages(source)
      return new Set(messages.map(({ messageId }) => messageId)).size >= count ? messages : undefined
    })
  }

  /** Runs a program that imports the code of a guide. */
  async node(program: string): Promise<void> {
    const file = join(this.folder, 'main.mjs')
    await writeFile(file, program)
    await run(process.execPath, [file], { cwd: this.folder, timeout: 60_000 })
  }

  /** Exports what `old` has and compares it with `web`, in both directions: nothing is missing, nothing differs. */
  async assertSame(count: number): Promise<void> {
    const [old] = await Promise.all([this.arrived('old', count), this.arrived('web', count)])
    await writeFile(join(this.folder, 'export.ndjson'), old.map((message) => `${JSON.stringify(message)}\n`).join(''))
    const cli = join(root, 'packages/cli/bin/millrace.js')
    const args = ['compare', 'export.ndjson', '--source', 'web', '--from', '2026-01-01', '--json']
    const { stdout } = await run(process.execPath, [cli, ...args, '--data', this.server.data], { cwd: this.folder })
    const { total, examples } = JSON.parse(stdout) as { total: { [verdict: string]: number }; examples: unknown[] }
    assert.deepEqual(examples, [])
    assert.equal(total['equal'], old.length)
    assert.ok(old.length >= count)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
    await rm(this.folder, { recursive: true, force: true })
  }
}
