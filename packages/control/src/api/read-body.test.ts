import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { describe, it } from 'node:test'
import { MillraceError } from '@millrace/protocol'
import { readBody } from './read-body.ts'

/** What reading one request gives whose bytes `write` sends. */
async function read(write: (socket: Socket) => void, timeoutMs = 60_000): Promise<unknown> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined)
  try {
    return await new Promise((resolve) => {
      server.on('request', (request) => void readBody(request, 20, timeoutMs).then(resolve, resolve))
      write(socket)
    })
  } finally {
    socket.destroy()
    server.closeAllConnections()
    server.close()
  }
}

const post = (headers: string, body: string) => `POST / HTTP/1.1\r\nhost: a\r\n${headers}\r\n\r\n${body}`
const codeOf = (result: unknown) => (result instanceof MillraceError ? result.code : result)

describe('reading a body', () => {
  it('gives its JSON, and an empty object for none', async () => {
    assert.deepEqual(await read((socket) => socket.write(post('content-length: 7', '{"a":1}'))), { a: 1 })
    assert.deepEqual(await read((socket) => socket.write(post('content-length: 0', ''))), {})
  })

  it('takes it up to the limit and no byte more', async () => {
    const text = (size: number) => `"${'x'.repeat(size - 2)}"`
    assert.equal(await read((socket) => socket.write(post('content-length: 20', text(20)))), 'x'.repeat(18))
    assert.equal(codeOf(await read((socket) => socket.write(post('content-length: 21', text(21))))), 'body_too_large')
    const chunked = post('transfer-encoding: chunked', `15\r\n${text(21)}\r\n0\r\n\r\n`)
    assert.equal(codeOf(await read((socket) => socket.write(chunked))), 'body_too_large')
  })

  it('gives up on one that does not arrive, and on one whose client left', async () => {
    const half = post('content-length: 20', '{"a"')
    assert.match(String(await read((socket) => socket.write(half), 5)), /within 5 ms/)
    assert.match(String(await read((socket) => socket.end(half))), /left before/)
  })
})
