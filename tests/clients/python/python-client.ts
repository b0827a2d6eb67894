import { fileURLToPath } from 'node:url'
import { callsOf } from '../../support/clients/calls.ts'
import type { Call } from '../../support/clients/calls.ts'
import type { ClientSession, ClientUnderTest, SessionOptions } from '../../support/clients/client-session.ts'
import { programSession } from '../../support/clients/program-session.ts'
import { hasPython, pythonWith } from '../../support/python.ts'

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** Why tests with Python are skipped; false where they run. On CI they always do, and fail without it. */
export const withoutPython =
  process.env['CI'] !== 'true' && !hasPython() ? 'there is no python3 with venv on this machine' : false

export interface PythonClient {
  /** As on PyPI. */
  name: string
  /** As it is imported. */
  module: string
  source: string
  calls?: (call: Call) => Call
}

export const openPython = (
  module: string,
  { proxy, writeKey }: SessionOptions,
  options: Readonly<Record<string, boolean | number>> = {},
): ClientSession => {
  const args = [path('send_calls.py'), module, proxy.url, writeKey, JSON.stringify(options)]
  return programSession(pythonWith(path('requirements.txt')), args)
}

/** The three have the same calls and the same way to try again; ten times when nothing else is said. */
export const pythonClient = ({ name, module, source, calls = (call) => call }: PythonClient): ClientUnderTest => ({
  name: `${name} (Python)`,
  source,
  open: (options) => Promise.resolve(openPython(module, options, options.impatient === true ? { max_retries: 2 } : {})),
  calls: (prefix) => callsOf(prefix).map(calls),
  attempts: 3,
  outlastsRestart: true,
  retriesRefusals: true,
})
