import { defineAction, delivered, type Outcome } from '@millrace/component-kit'
import { mkdir } from 'node:fs/promises'
import { dirname, isAbsolute } from 'node:path'
import { appendLines } from './append-lines.ts'
import { resolvePath } from './resolve-path.ts'
import { settings } from './settings.ts'

/**
 * At least once: after a crash between the write and its being recorded as delivered the same lines come again. Whoever
 * reads the file drops copies by `messageId`. A line that is reported as delivered is on disk.
 */
export const write = defineAction({
  title: 'Write',
  description: 'Append each message as a line of JSON.',
  settings,
  trigger: 'type != null',
  batch: { maxMessages: 1000, maxBytes: 4_000_000, maxWaitMs: 50 },
  fields: {
    data: {
      type: 'any',
      label: 'Data',
      description: 'What to write. The whole message unless you map something else.',
      example: { messageId: 'm-1', type: 'track', event: 'Signed Up' },
      required: true,
      default: { '@path': '$.' },
    },
  },
  async deliver({ settings: { path }, dataDirectory }, payloads) {
    const outcome = await append(path, dataDirectory, () =>
      payloads.map(({ values }) => `${JSON.stringify(values.data ?? null)}\n`).join(''),
    )
    return payloads.map(() => outcome)
  },
  examples: [
    {
      title: 'A track call becomes a line; no request is sent',
      message: { messageId: 'm-1', type: 'track', event: 'Signed Up' },
      requests: [],
    },
  ],
})

async function append(path: string, dataDirectory: string, text: () => string): Promise<Outcome> {
  const file = resolvePath(path, dataDirectory)
  if (file === undefined) {
    const message = `path "${path}" leads out of the data folder; write a name inside it, or an absolute path.`
    return { status: 'unauthorized', code: 'invalid_settings', message }
  }
  try {
    if (!isAbsolute(path)) await mkdir(dirname(file), { recursive: true })
    await appendLines(file, text())
    return delivered
  } catch (error) {
    return outcomeOfError(file, error)
  }
}

/** A full disk or a missing folder mends without the message: it is sent again. What may not be written needs the user. */
function outcomeOfError(file: string, error: unknown): Outcome {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EIO'
  const message = `${file}: ${error instanceof Error ? error.message : String(error)}`
  const forbidden = code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
  return { status: forbidden ? 'unauthorized' : 'retry', code, message }
}
