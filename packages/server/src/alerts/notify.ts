import type { Notification, WorkspaceNotifier } from '@millrace/control'

/** Tells a notifier of one type. Rejects with a message for people. */
export type Notify = (told: {
  notifier: WorkspaceNotifier
  notification: Notification
  /** `network.allow` of the workspace. */
  allow: readonly string[]
  signal: AbortSignal
}) => Promise<void>
