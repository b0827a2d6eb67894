import type { NotifierType, SendNotification, WorkspaceVersions } from '@millrace/control'
import type { AnyDestination } from '@millrace/component-kit'
import { emailNotifier, notifyByEmail } from './email-notifier.ts'
import type { Notify } from './notify.ts'
import { notifyByWebhook, webhookNotifier } from './webhook-notifier.ts'

/** The kinds of notifiers that there are. `webhook` is the destination of that name. */
export const notifierTypes = (webhook: AnyDestination): { readonly [type: string]: NotifierType } => ({
  webhook: webhookNotifier(webhook),
  email: emailNotifier,
})

/** Sends by the type of the notifier, with the network rules of the version in force. */
export function sendNotification(webhook: AnyDestination, versions: WorkspaceVersions): SendNotification {
  const byType: { readonly [type: string]: Notify } = { webhook: notifyByWebhook(webhook), email: notifyByEmail }
  return async (notifier, notification, signal) => {
    const notify = byType[notifier.type]
    if (notify === undefined) throw new Error(`there is no notifier of the type "${notifier.type}"`)
    await notify({ notifier, notification, allow: versions.active?.workspace.network.allow ?? [], signal })
  }
}
