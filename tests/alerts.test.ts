import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '@millrace/protocol'
import { removeFolder, startSmtpReceiver, startWebhookReceiver, temporaryFolder } from '@millrace/testkit'
import { eventually, pause } from './support/eventually.ts'
import { startJsonReceiver } from './support/json-receiver.ts'
import { post } from './support/post.ts'
import { ServerUnderTest } from './support/server-under-test.ts'

/** Alerts with the real server: a receiver that stops, a page that falls silent, a restart in between. */

const alertsOf = (hookUrl: string, opsUrl: string, smtpPort: number): JsonObject => ({
  sources: { web: { type: 'http', writeKeys: ['wk_web'] } },
  destinations: {
    hook: { type: 'webhook', settings: { url: hookUrl }, delivery: { maxRetryDelayMs: 200 } },
    files: { type: 'file', settings: { path: 'messages.ndjson' } },
  },
  network: { allow: ['127.0.0.0/8'] },
  notifiers: {
    ops: { type: 'webhook', settings: { url: opsUrl } },
    mail: {
      type: 'email',
      settings: {
        host: 'localhost',
        port: smtpPort,
        tls: 'none',
        from: 'millrace@example.com',
        to: ['ops@example.com'],
      },
    },
  },
  alerts: {
    late: { type: 'oldest_pending', settings: { ageMs: 1000 }, notify: ['ops', 'mail'] },
    failing: { type: 'failure_share', settings: { percent: 50, windowMs: 2000, minAttempts: 3 }, notify: ['ops'] },
  },
  settings: { alerts: { intervalMs: 100 } },
})

const track = (server: ServerUnderTest, messageId: string) =>
  post(`${server.url}/v1/track`, JSON.stringify({ messageId, userId: 'u', event: 'E' }), { writeKey: 'wk_web' })

const firing = async (server: ServerUnderTest, alert: string): Promise<string[]> => {
  const { alerts } = await server.api.alerts()
  const subjects = alerts.find((each) => each.alert === alert)?.subjects ?? []
  return subjects.filter(({ state }) => state === 'firing').map(({ subject }) => subject)
}

test(
  'a receiver that stops gives one alarm and one all-clear by webhook and by e-mail, over a restart',
  { timeout: 120_000 },
  async () => {
    const folder = await temporaryFolder()
    await using ops = await startJsonReceiver()
    await using mail = await startSmtpReceiver()
    const first = await startWebhookReceiver({ record: 'messages' })
    const { port, url } = first
    let second: Awaited<ReturnType<typeof startWebhookReceiver>> | undefined
    const told = (alert: string): string[] =>
      ops.messages
        .map(({ type, data }) => ({ type, data: data as { alert: string; subject: { id: string } } }))
        .filter(({ data }) => data.alert === alert)
        .map(({ type, data }) => `${type as string} ${data.subject.id}`)
    try {
      const workspace = alertsOf(url, ops.url, mail.port)
      await using server = await ServerUnderTest.start({ folder, workspace })
      await track(server, 'm-1')
      await first.waitForAccepted(1, AbortSignal.timeout(20_000))
      assert.deepEqual(await server.api.testAlert('late'), {
        alert: 'late',
        results: [
          { notifier: 'ops', sent: true },
          { notifier: 'mail', sent: true },
        ],
      })
      assert.deepEqual(await firing(server, 'late'), [])

      await first.close()
      await track(server, 'm-2')
      await eventually('the alarm is told', () => (told('late').includes('alert.firing hook') ? true : undefined))
      await eventually('the failures are told', () => (told('failing').length > 0 ? true : undefined))
      assert.deepEqual(await firing(server, 'late'), ['hook'])
      const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${server.token}` } })
      const text = await metrics.text()
      assert.match(text, /^millrace_alert_firing\{alert="late",subject="hook"\} 1$/m)
      assert.match(text, /^millrace_alert_firing\{alert="late",subject="files"\} 0$/m)

      await server.crash()
      await server.restart()
      // Ten more looks at it, none of which may tell anything.
      await pause(1000)
      assert.deepEqual(await firing(server, 'late'), ['hook'])

      second = await startWebhookReceiver({ record: 'messages', port })
      await second.waitForAccepted(1, AbortSignal.timeout(20_000))
      await eventually('the all-clear is told', () => (told('late').includes('alert.resolved hook') ? true : undefined))
      await eventually('so is the other', () => (told('failing').includes('alert.resolved hook') ? true : undefined))
      await pause(500)
      assert.deepEqual(told('late'), ['alert.test hook', 'alert.firing hook', 'alert.resolved hook'])
      assert.deepEqual(told('failing'), ['alert.firing hook', 'alert.resolved hook'])
      await eventually('all mails are sent', () => (mail.mails.length >= 3 ? true : undefined))
      assert.deepEqual(
        mail.mails.map(({ headers }) => headers['subject']),
        ['[Millrace] test: late (hook)', '[Millrace] firing: late (hook)', '[Millrace] resolved: late (hook)'],
      )
    } finally {
      await first.close()
      await second?.close()
      await removeFolder(folder)
    }
  },
)

test(
  'a page that falls silent, dead messages, and a notifier that is away at first',
  { timeout: 120_000 },
  async () => {
    const folder = await temporaryFolder()
    await using hook = await startWebhookReceiver({ record: 'messages', status: () => 400 })
    await using mail = await startSmtpReceiver()
    const away = await startJsonReceiver()
    const { url } = away
    await away[Symbol.asyncDispose]()
    try {
      const document: JsonObject = {
        ...alertsOf(hook.url, url, mail.port),
        alerts: {
          silent: { type: 'source_silence', settings: { silentMs: 1500 }, notify: ['mail'] },
          dead: { type: 'dead_count', settings: { destinations: ['hook'], messages: 2 }, notify: ['ops', 'mail'] },
        },
      }
      await using server = await ServerUnderTest.start({ folder, workspace: document })
      await track(server, 'm-1')
      await track(server, 'm-2')
      const subjects = (): (string | undefined)[] => mail.mails.map(({ headers }) => headers['subject'])
      await eventually('two are dead', () => (subjects().includes('[Millrace] firing: dead (hook)') ? true : undefined))
      await eventually('web is silent', () =>
        subjects().includes('[Millrace] firing: silent (web)') ? true : undefined,
      )
      await track(server, 'm-3')
      await eventually('web is back', () =>
        subjects().includes('[Millrace] resolved: silent (web)') ? true : undefined,
      )
      const { notifiers } = await server.api.alerts()
      const ops = notifiers.find(({ notifier }) => notifier === 'ops')
      assert.equal(ops?.waiting, 1)
      assert.match(ops.lastError?.message ?? '', /No answer from the receiver/)
      assert.equal(subjects().filter((subject) => subject === '[Millrace] firing: dead (hook)').length, 1)
    } finally {
      await removeFolder(folder)
    }
  },
)
