import { compileFields } from '@millrace/component-kit'
import type { AnyDestination, Fields, Outcome } from '@millrace/component-kit'
import type { NotifierType } from '@millrace/control'
import { createHttpClient } from '@millrace/delivery'
import type { JsonObject } from '@millrace/protocol'
import { version } from '../version.ts'
import type { Notify } from './notify.ts'

const taken = ['url', 'headers', 'authorization', 'signingSecret', 'timeoutMs']

/** As the webhook destination posts: its settings, its signature, its judgement of answers. */
export const webhookNotifier = (webhook: AnyDestination): NotifierType => ({
  name: 'Webhook',
  description: 'A POST of JSON to a URL of your own, signed if you like.',
  settings: Object.fromEntries(Object.entries(webhook.settings as Fields).filter(([name]) => taken.includes(name))),
})

export const notifyByWebhook =
  (webhook: AnyDestination): Notify =>
  async ({ notifier, notification, allow, signal }) => {
    const { values, problems } = compileFields(webhook.settings as Fields).parse(notifier.settings)
    if (problems !== undefined) throw new Error(problems.map(({ path, message }) => `${path} ${message}`).join('; '))
    const settings = values as JsonObject & { timeoutMs: number }
    const http = createHttpClient({
      allow,
      timeoutMs: settings.timeoutMs,
      connections: 1,
      userAgent: `Millrace/${version}`,
    })
    try {
      const { id, ...data } = notification
      const context = { settings, http, signal, now: Date.now, destinationId: notifier.id, dataDirectory: '' }
      const payload = { action: 'send', values: { data: { id, ...data } }, idempotencyKey: id, messageId: id }
      const outcomes: readonly Outcome[] | undefined = await webhook.actions['send']?.deliver(context, [payload])
      const [outcome] = outcomes ?? []
      if (outcome?.status !== 'delivered') throw new Error(outcome?.message ?? 'the webhook cannot send')
    } finally {
      await http.close()
    }
  }
