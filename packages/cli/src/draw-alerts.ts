import type { AlertsAnswer, AlertStatus } from '@millrace/protocol'
import type { Paint } from './paint.ts'
import { columns, printable } from './table.ts'

/** One line for each source or destination that an alert watches, then the notifiers that have trouble. */
export function drawAlerts({ alerts, notifiers }: AlertsAnswer, paint: Paint): string {
  if (alerts.length === 0) return 'The workspace declares no alerts.\n'
  const rows = alerts.flatMap((alert) =>
    alert.subjects.map(({ subject, state, since = '', value }) => [
      printable(alert.alert),
      subject,
      alert.enabled ? state : 'disabled',
      value === undefined ? '–' : amount(value, alert.unit),
      `(fires at ${amount(alert.threshold, alert.unit)})`,
      since,
    ]),
  )
  const lines = columns(rows).split('\n')
  const states = alerts.flatMap(({ subjects }) => subjects.map(({ state }) => state))
  const painted = lines.map((line, index) => (states[index] === 'firing' ? paint.red(line) : line))
  const troubles = notifiers.flatMap(({ notifier, waiting, lastError }) => {
    if (lastError === undefined) return []
    const next = lastError.nextAttemptAt === undefined ? 'it was given up' : `next attempt ${lastError.nextAttemptAt}`
    const what = `notifier ${notifier}: ${printable(lastError.message)} (${lastError.attempts} attempts, ${next}, ${waiting} waiting)`
    return [paint.yellow(what)]
  })
  return `${[...painted, ...troubles].join('\n')}\n`
}

function amount(value: number, unit: AlertStatus['unit']): string {
  if (unit === 'percent') return `${Number(value.toFixed(1))} %`
  if (unit === 'messages') return `${value} messages`
  return value < 1000 ? `${Math.round(value)} ms` : `${Math.round(value / 1000).toLocaleString('en')} s`
}
