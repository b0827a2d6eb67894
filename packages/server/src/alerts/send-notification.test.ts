import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AnyDestination } from '@millrace/component-kit'
import type { Notification, WorkspaceNotifier } from '@millrace/control'
import { checkWorkspace } from '@millrace/control'
import type { JsonObject } from '@millrace/protocol'
import { startSmtpReceiver, startWebhookReceiver } from '@millrace/testkit'
import { loadComponents, webhookOf } from '../components.ts'
import { notifyByEmail } from './email-notifier.ts'
import { notifyByWebhook } from './webhook-notifier.ts'

const registry = await loadComponents()
const webhook: AnyDestination = webhookOf(registry.destinations)
const allow = ['127.0.0.0/8']
const { signal } = new AbortController()

const notification: Notification = {
  id: '5f1c2d9e-0000-4000-8000-000000000001',
  type: 'alert.firing',
  timestamp: '2026-01-02T03:04:05.000Z',
  data: {
    alert: 'late',
    name: 'Später\r\nBcc: a@example.com',
    rule: 'oldest_pending',
    subject: { kind: 'destination', id: 'hook' },
    since: '2026-01-02T03:04:05.000Z',
    value: 61_000,
    threshold: 60_000,
    unit: 'ms',
    message: 'late: destination hook: the oldest message has waited for 1 min.',
  },
}

/** A notifier as the workspace has it, checked and with defaults. */
function notifierOf(type: string, settings: JsonObject): WorkspaceNotifier {
  const document = { notifiers: { ops: { type, settings } } }
  const { workspace, problems } = checkWorkspace(document, registry, { env: {} })
  assert.deepEqual(problems, undefined)
  return workspace.notifiers['ops'] as WorkspaceNotifier
}

const mailTo = (port: number, more: JsonObject = {}): WorkspaceNotifier =>
  notifierOf('email', {
    host: '127.0.0.1',
    port,
    tls: 'none',
    from: 'Millrace <millrace@example.com>',
    to: ['ops@example.com', 'ann@example.com'],
    ...more,
  })

describe('a webhook notifier', () => {
  const signingSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

  it('posts the notification, signed as the webhook destination signs', async () => {
    await using receiver = await startWebhookReceiver({ record: 'messages', signingSecret })
    const notifier = notifierOf('webhook', { url: receiver.url, signingSecret })
    await notifyByWebhook(webhook)({ notifier, notification, allow, signal })
    assert.equal(receiver.counts.accepted, 1)
    assert.equal(receiver.messages[0]?.signed, 'valid')
  })

  it('fails with what the receiver said', async () => {
    await using receiver = await startWebhookReceiver({ record: 'messages', status: () => 503 })
    const notifier = notifierOf('webhook', { url: receiver.url })
    await assert.rejects(notifyByWebhook(webhook)({ notifier, notification, allow, signal }), /answered 503/)
  })

  it('reaches no private address that the workspace does not allow', async () => {
    await using receiver = await startWebhookReceiver({ record: 'messages' })
    const notifier = notifierOf('webhook', { url: receiver.url })
    await assert.rejects(notifyByWebhook(webhook)({ notifier, notification, allow: [], signal }), /network\.allow/)
    assert.equal(receiver.counts.requests, 0)
  })
})

describe('an e-mail notifier', () => {
  it('logs in and sends one mail to all recipients, whatever the name of the alert holds', async () => {
    const login = { user: 'millrace', password: 'p:ä ss' }
    await using receiver = await startSmtpReceiver({ login })
    const notifier = mailTo(receiver.port, login)
    await notifyByEmail({ notifier, notification, allow, signal })
    const [mail, ...others] = receiver.mails
    assert.ok(mail !== undefined && others.length === 0)
    assert.deepEqual([mail.from, mail.to], ['millrace@example.com', ['ops@example.com', 'ann@example.com']])
    assert.equal(mail.headers['message-id'], `<${notification.id}@millrace>`)
    assert.equal(mail.headers['bcc'], undefined)
    assert.match(mail.headers['subject'] ?? '', /^=\?UTF-8\?/)
    assert.match(mail.body, /oldest message has waited/)
  })

  it('fails with what the server said', async () => {
    await using receiver = await startSmtpReceiver({ refusal: '550 no such user' })
    await assert.rejects(
      notifyByEmail({ notifier: mailTo(receiver.port), notification, allow, signal }),
      /550 no such user/,
    )
    const login = { user: 'millrace', password: 'right' }
    await using strict = await startSmtpReceiver({ login })
    const wrong = mailTo(strict.port, { user: 'millrace', password: 'wrong' })
    await assert.rejects(notifyByEmail({ notifier: wrong, notification, allow, signal }), /535/)
    assert.equal(receiver.mails.length + strict.mails.length, 0)
  })

  it('sends nothing in clear unless it is told to', async () => {
    await using receiver = await startSmtpReceiver()
    const notifier = mailTo(receiver.port, { tls: 'starttls', user: 'u', password: 'p' })
    await assert.rejects(notifyByEmail({ notifier, notification, allow, signal }))
    assert.deepEqual([receiver.mails.length, receiver.commands.filter((line) => line === 'AUTH')], [0, []])
  })

  it('reaches no private address that the workspace does not allow, by name or by number', async () => {
    await using receiver = await startSmtpReceiver()
    for (const host of ['127.0.0.1', 'localhost', '::ffff:127.0.0.1', '2130706433']) {
      const notifier = mailTo(receiver.port, { host })
      await assert.rejects(notifyByEmail({ notifier, notification, allow: [], signal }), host)
    }
    assert.deepEqual(receiver.commands, [])
  })

  it('gives up when it is stopped', async () => {
    await using receiver = await startSmtpReceiver()
    await assert.rejects(
      notifyByEmail({ notifier: mailTo(receiver.port), notification, allow, signal: AbortSignal.abort() }),
      /stopped/,
    )
  })
})
