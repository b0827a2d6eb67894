import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

export interface SmtpReceiverOptions {
  /** 0: chosen by the system. */
  port?: number
  /** Who must log in, with AUTH PLAIN. Nobody when absent. */
  login?: { user: string; password: string }
  /** What the server answers to the recipient: `550 no such user`, to refuse it. Default: it takes all. */
  refusal?: string
}

export interface ReceivedMail {
  from: string
  to: string[]
  /** Header fields by lower-case name, continuation lines joined. */
  headers: { readonly [name: string]: string }
  /** As it was sent, after the header. */
  body: string
}

export interface SmtpReceiver extends AsyncDisposable {
  readonly port: number
  /** What was accepted, in order. */
  readonly mails: readonly ReceivedMail[]
  /** Lines that clients sent, without passwords and mail, in order. */
  readonly commands: readonly string[]
  /** Cuts open connections. */
  close(): Promise<void>
}

/**
 * A mail server on the loopback interface, in clear, as far as one mail needs it (RFC 5321, AUTH PLAIN of RFC 4954): enough
 * to see what a client really sends.
 */
export async function startSmtpReceiver(options: SmtpReceiverOptions = {}): Promise<SmtpReceiver> {
  const mails: ReceivedMail[] = []
  const commands: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    converse(socket, options, mails, commands)
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return { port, mails, commands, close, [Symbol.asyncDispose]: close }
}

function converse(
  socket: Socket,
  { login, refusal }: SmtpReceiverOptions,
  mails: ReceivedMail[],
  commands: string[],
): void {
  const say = (line: string): void => void socket.write(`${line}\r\n`)
  let from = ''
  let to: string[] = []
  let data: string[] | undefined
  let isKnown = login === undefined

  const answers: { readonly [verb: string]: (line: string) => void } = {
    EHLO: () => {
      say('250-localhost')
      if (login !== undefined) say('250-AUTH PLAIN')
      say('250 8BITMIME')
    },
    HELO: () => say('250 localhost'),
    AUTH: (line) => {
      const [, , initial = ''] = line.split(' ')
      const [, user, password] = Buffer.from(initial, 'base64').toString().split('\0')
      isKnown = login !== undefined && user === login.user && password === login.password
      say(isKnown ? '235 welcome' : '535 wrong user or password')
    },
    MAIL: (line) => {
      from = addressIn(line)
      to = []
      say(isKnown ? '250 ok' : '530 log in first')
    },
    RCPT: (line) => {
      if (refusal === undefined) to.push(addressIn(line))
      say(refusal ?? '250 ok')
    },
    DATA: () => {
      data = []
      say('354 go on')
    },
    RSET: () => say('250 ok'),
    NOOP: () => say('250 ok'),
    QUIT: () => {
      say('221 bye')
      socket.end()
    },
  }

  const take = (line: string): void => {
    if (data === undefined) {
      const verb = line.slice(0, 4).toUpperCase()
      commands.push(verb === 'AUTH' ? 'AUTH' : line)
      const answer = answers[verb]
      if (answer === undefined) say('500 what?')
      else answer(line)
    } else if (line === '.') {
      mails.push({ from, to, ...parse(data) })
      data = undefined
      say('250 taken')
    } else {
      // A point that begins a line is doubled on the way (RFC 5321, 4.5.2).
      data.push(line.startsWith('.') ? line.slice(1) : line)
    }
  }

  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\r\n')
    rest = lines.pop() ?? ''
    for (const line of lines) take(line)
  })
  say('220 localhost')
}

const addressIn = (line: string): string => /<([^>]*)>/.exec(line)?.[1] ?? ''

function parse(lines: readonly string[]): Pick<ReceivedMail, 'headers' | 'body'> {
  const end = lines.indexOf('')
  const fields = lines
    .slice(0, end)
    .join('\n')
    .replaceAll(/\n[ \t]+/g, ' ')
    .split('\n')
  const headers = fields.map((field): [string, string] => {
    const [name = '', ...value] = field.split(':')
    return [name.toLowerCase(), value.join(':').trim()]
  })
  return { headers: Object.fromEntries(headers), body: lines.slice(end + 1).join('\n') }
}
