import type { LedgerVerification } from '@millrace/protocol'
import type { VerifyLine, VerifyProgress } from './answers.ts'
import { ApiError } from './api-error.ts'
import { readNdjson } from './read-ndjson.ts'
import { request } from './request.ts'
import type { Connection } from './request.ts'

export interface VerifyOptions {
  onProgress?: (progress: VerifyProgress) => void
  signal?: AbortSignal
}

/** Asks for a recount of the ledger and follows its progress. Throws `ApiError` when it fails or its stream breaks off. */
export async function verifyLedger(connection: Connection, options: VerifyOptions = {}): Promise<LedgerVerification> {
  const response = await request(connection, '/api/ledger/verify', {
    method: 'POST',
    accept: 'application/x-ndjson',
    signal: options.signal,
  })
  if (response.body !== null) {
    for await (const line of readNdjson<VerifyLine>(response.body)) {
      if ('progress' in line) options.onProgress?.(line.progress)
      else if ('result' in line) return line.result
      else if ('error' in line) throw new ApiError({ status: response.status, ...line.error })
    }
  }
  throw new ApiError({
    code: 'unreadable',
    status: response.status,
    message: 'The verification ended without a result: the server stopped meanwhile. Look at its log and ask again.',
  })
}
