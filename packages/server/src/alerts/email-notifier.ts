import { defineFields } from '@millrace/component-kit'
import type { Infer } from '@millrace/component-kit'
import type { Notification } from '@millrace/control'
import { connectGuarded } from './connect-guarded.ts'
import type { Notify } from './notify.ts'

const settings = defineFields({
  host: {
    type: 'string',
    label: 'Host',
    description: 'The mail server.',
    example: 'smtp.example.com',
    required: true,
  },
  port: {
    type: 'integer',
    label: 'Port',
    description: 'Its port: 587 with STARTTLS, 465 with TLS from the start.',
    example: 465,
    minimum: 1,
    maximum: 65_535,
    default: 587,
  },
  tls: {
    type: 'string',
    label: 'TLS',
    description:
      'starttls: encrypted after the greeting, never without. implicit: from the start. none: in clear, for a server on this machine.',
    example: 'implicit',
    choices: ['starttls', 'implicit', 'none'],
    default: 'starttls',
  },
  user: { type: 'string', label: 'User', description: 'Who logs in. Nobody when absent.', example: 'millrace' },
  password: { type: 'secret', label: 'Password', description: 'The password of the user.', example: 'correct horse' },
  from: {
    type: 'string',
    label: 'From',
    description: 'The address that it comes from.',
    example: 'millrace@example.com',
    required: true,
  },
  to: {
    type: 'string',
    many: true,
    label: 'To',
    description: 'Whom it goes to.',
    example: ['ops@example.com'],
    required: true,
  },
})

export const emailNotifier = {
  name: 'E-mail',
  description: 'A mail over SMTP.',
  settings,
} as const

const timeoutMs = 20_000

/** One connection for one mail: there are few. What was sent twice has the same Message-ID. */
export const notifyByEmail: Notify = async ({ notifier, notification, allow, signal }) => {
  // Checked by the workspace with these fields.
  const { host, port, tls, user, password, from, to } = notifier.settings as Infer<typeof settings>
  // Only those who send mail need it in memory.
  const { createTransport } = await import('nodemailer')
  const connection = await connectGuarded({ host, port, allow, timeoutMs, signal })
  const close = (): void => void connection.destroy()
  signal.addEventListener('abort', close)
  try {
    const transport = createTransport({
      host,
      port,
      connection,
      secure: tls === 'implicit',
      requireTLS: tls === 'starttls',
      ignoreTLS: tls === 'none',
      ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
    const { id } = notification
    await transport.sendMail({ from, to, messageId: `<${id}@millrace>`, ...mailOf(notification) })
    transport.close()
  } finally {
    signal.removeEventListener('abort', close)
    connection.destroy()
  }
}

/** Subject and text of the mail. */
export function mailOf({ type, timestamp, data }: Notification): { subject: string; text: string } {
  const { name, alert, rule, subject, since, value, threshold, unit, message } = data
  const kind = type.replace('alert.', '')
  const lines = [
    message,
    '',
    `Alert: ${name} (${alert}, ${rule})`,
    `${subject.kind}: ${subject.id}`,
    `Value: ${value} ${unit}, threshold: ${threshold} ${unit}`,
    `Since: ${since}`,
    `Sent: ${timestamp}`,
  ]
  return { subject: `[Millrace] ${kind}: ${name} (${subject.id})`, text: `${lines.join('\n')}\n` }
}
