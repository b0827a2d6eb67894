import type { DeadLetterDetail, DeliveryAttempt, KeptText, Message, ReceivedResponse } from '@millrace/protocol'
import { describeMessage } from './describe-message.ts'
import type { Paint } from './paint.ts'
import { printable, table } from './table.ts'

/** One dead letter for people: what it was, what was sent, what came back, and every attempt. */
export function drawDeadLetter(letter: DeadLetterDetail, paint: Paint): string {
  const { id, messageId, source, action, reason, code, detail, attempts, at, position, copy } = letter
  const lines = [
    `${paint.bold(`message ${printable(messageId)}`)}  ${copy === undefined ? '' : describeMessage(copy.message as unknown as Message)}`.trimEnd(),
    paint.dim(`dead letter ${printable(id)}, source ${printable(source)}, position ${position}`),
    '',
    `${paint.red(`dead (${printable(reason)})`)} at "${printable(action)}" since ${at}, after ${attempts} attempt${attempts === 1 ? '' : 's'}`,
    `  ${printable(code)}: ${printable(detail)}`,
    ...attemptLines(letter.history ?? [], attempts, paint),
  ]
  if (copy === undefined) {
    lines.push('', 'No copy of message and request is kept, or its time is over (settings.deadLetters).')
    return lines.join('\n')
  }
  const { request, response } = copy
  if (request === undefined) lines.push('', 'Nothing was sent.')
  else {
    const shared = request.batchOf > 1 ? paint.dim(`, with ${request.batchOf - 1} others in it`) : ''
    lines.push('', `${paint.bold('request')}${shared}`, `    ${request.method} ${printable(request.url)}`)
    lines.push(...headerLines(request.headers), ...(request.body === undefined ? [] : bodyLines(request.body, paint)))
  }
  if (response !== undefined) lines.push('', paint.bold('response'), ...responseLines(response, paint))
  else if (request !== undefined) lines.push('', 'There was no answer.')
  lines.push('', paint.bold('message'), ...indented(JSON.stringify(copy.message, undefined, 2)))
  return lines.join('\n')
}

function attemptLines(history: readonly DeliveryAttempt[], attempts: number, paint: Paint): string[] {
  if (history.length === 0) return []
  const rows = history.map(({ at, status, code, durationMs }) => [at, status ?? '', code, durationMs])
  const left = attempts > history.length ? [paint.dim(`${attempts - history.length} between them are not kept`)] : []
  return ['', table(['attempt', 'status', 'code', 'ms'], rows), ...left]
}

const responseLines = (response: ReceivedResponse, paint: Paint): string[] =>
  'failure' in response
    ? [`    ${printable(response.failure)} (${printable(response.code)}): ${printable(response.message)}`]
    : [`    ${response.status}`, ...headerLines(response.headers), ...bodyLines(response.body, paint)]

const headerLines = (headers: { readonly [name: string]: string }): string[] =>
  Object.entries(headers).map(([name, value]) => `    ${printable(name)}: ${printable(value)}`)

function bodyLines({ text, bytes, fromByte = 0, cut }: KeptText, paint: Paint): string[] {
  if (text === '') return []
  const note = cut ? [paint.dim(`    (a part of ${bytes} bytes, from byte ${fromByte} on)`)] : []
  return [...indented(cut ? text : pretty(text)), ...note]
}

const pretty = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2)
  } catch {
    return text
  }
}

const indented = (text: string): string[] => text.split('\n').map((line) => `    ${printable(line)}`)
