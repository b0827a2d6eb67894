import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

/**
 * The browser of these tests: the one that MILLRACE_CHROMIUM names, else Debian's, else one of PATH. Nothing is downloaded.
 */
const candidates = (): string[] => {
  const { MILLRACE_CHROMIUM: named, PATH = '' } = process.env
  if (named !== undefined && named !== '') return [named]
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  return ['/usr/bin/chromium', ...PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))]
}

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const found = candidates().find(isProgram)
const remedy = 'install the package "chromium", or name the program in MILLRACE_CHROMIUM'

/** Why tests in a browser are skipped; false where they run. On CI they always do, and fail without a browser. */
export const withoutChromium: string | false =
  found === undefined && process.env['CI'] !== 'true' ? `there is no Chromium: ${remedy}` : false

/** Starts it without a window, with a profile of its own that is removed at the end. */
export const launchChromium = async (): Promise<Browser> => {
  if (found === undefined) throw new Error(`These tests need Chromium, and none is at ${candidates()[0]}: ${remedy}.`)
  return chromium.launch({
    executablePath: found,
    // In containers everything runs as root, where Chromium refuses its sandbox; the only pages here are our own.
    chromiumSandbox: false,
    args: ['--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update'],
  })
}
