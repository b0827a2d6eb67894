import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { eventually } from '../support/eventually.ts'
import { root } from '../structure/source-files.ts'

/** Who runs the programs of the examples, and how. Each gets the server's address and its own write key. */
export interface Target {
  url: string
  writeKey: string
}

const run = promisify(execFile)
const limitMs = 60_000

/** Runs a program to its end. Fails with what it wrote when it ends with an error, or says anything on its error output. */
export const runProgram = async (
  program: string,
  args: readonly string[],
  { url, writeKey }: Target,
): Promise<string> => {
  const { stdout, stderr } = await run(program, args, {
    cwd: root,
    env: { ...process.env, MILLRACE_URL: url, MILLRACE_WRITE_KEY: writeKey },
    timeout: limitMs,
  })
  assert.equal(stderr, '', `${program} ${args.join(' ')} complains`)
  return stdout
}

export const example = (useCase: string, file: string): string => join(root, 'examples', useCase, file)

/**
 * Opens a page and presses its buttons one after the other, as a person would: each when the messages of the one before
 * have been answered. Ends when the page has sent `messages` of them.
 */
export const clickThrough = async (browser: Browser, pageUrl: string, messages: number): Promise<void> => {
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    const traffic = watch(page)
    await page.goto(pageUrl)
    await eventually('the client is there', async () => (await page.evaluate(isLoaded)) || undefined)
    await traffic.quiet()
    for (const button of await page.locator('button').all()) {
      const before = traffic.answered()
      await button.click()
      await eventually('the click is sent', () => (traffic.answered() > before ? true : undefined))
      await traffic.quiet()
    }
    await eventually('the page has sent everything', () => (traffic.answered() >= messages ? true : undefined))
    await traffic.quiet()
    assert.deepEqual(traffic.errors, [])
  } finally {
    await context.close()
  }
}

const isLoaded = (): boolean =>
  (globalThis as unknown as { analytics?: { initialized?: boolean } }).analytics?.initialized === true

/** Counts the messages of a page, and collects what it complains of. */
const watch = (page: Page) => {
  const open = new Set<unknown>()
  let answered = 0
  const errors: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST') open.add(request)
  })
  const settle = (request: unknown): boolean => open.delete(request)
  page.on('requestfinished', (request) => {
    if (settle(request)) answered++
  })
  page.on('requestfailed', (request) => {
    settle(request)
    errors.push(`${request.method()} ${request.url()} failed: ${request.failure()?.errorText}`)
  })
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  return {
    errors,
    answered: () => answered,
    quiet: () => eventually('no message is under way', () => (open.size === 0 ? true : undefined)),
  }
}
