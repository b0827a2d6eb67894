import { latencyBucketsMs } from '@millrace/delivery'
import type { DeliveryMetrics } from '@millrace/delivery'
import type { IngestionMetrics } from '@millrace/ingestion'
import type { AlertStatus, DestinationStatus, Ledger, ReplayStatus, ViolationCount } from '@millrace/protocol'
import type { Backlog } from '../retention/backlog.ts'
import type { WriterStatus } from '../roles/log-writer.ts'
import { histogramSamples } from './metrics-text.ts'
import type { Metric, Sample } from './metrics-text.ts'

/** What the processes report; what is missing did not answer. */
export interface Reports {
  ledger: Ledger
  violations: readonly ViolationCount[]
  ingestion: readonly { process: string; metrics: IngestionMetrics }[]
  writer: WriterStatus | undefined
  delivery: readonly { id: string; metrics: Pick<DeliveryMetrics, keyof DeliveryMetrics> }[]
  destinations: readonly DestinationStatus[]
  replays: readonly ReplayStatus[]
  alerts: readonly AlertStatus[]
  backlog: Backlog
  memory: readonly { process: string; rss: number }[]
  restarts: readonly { process: string; count: number }[]
}

/**
 * All metrics. Message counts come from the ledger, so they survive restarts and agree with `millrace ledger`; rates and
 * latencies count since the process started, as Prometheus expects of counters.
 */
export const metricsOf = (reports: Reports): Metric[] => [
  ...ledgerMetrics(reports.ledger),
  counter(
    'millrace_violations_total',
    'Messages that differ from their standard event in a property.',
    reports.violations.map(({ source, event, property, kind, messages }) => ({
      labels: { source, event, property, kind },
      value: messages,
    })),
  ),
  ...ingestionMetrics(reports),
  ...writerMetrics(reports.writer),
  gauge('millrace_log_needed_bytes', 'Bytes of log from the first message on that a destination has not settled.', [
    { value: reports.backlog.head - reports.backlog.keepFrom },
  ]),
  gauge('millrace_log_quota_bytes', 'Bytes of log that may be kept for destinations that have not read them.', [
    { value: reports.backlog.quotaBytes },
  ]),
  ...deliveryMetrics(reports),
  ...replayMetrics(reports.replays),
  gauge(
    'millrace_alert_firing',
    '1 while an alert fires for a source or destination, 0 while it does not.',
    reports.alerts.flatMap(({ alert, enabled, subjects }) =>
      enabled
        ? subjects.map(({ subject, state }) => ({ labels: { alert, subject }, value: state === 'firing' ? 1 : 0 }))
        : [],
    ),
  ),
  gauge(
    'millrace_process_resident_bytes',
    'Resident memory of each process.',
    reports.memory.map(({ process, rss }) => ({ labels: { process }, value: rss })),
  ),
  counter(
    'millrace_process_restarts_total',
    'Times a process ended unasked and was started again.',
    reports.restarts.map(({ process, count }) => ({ labels: { process }, value: count })),
  ),
]

const counter = (name: string, help: string, samples: readonly Sample[]): Metric => ({
  name,
  help,
  type: 'counter',
  samples,
})
const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => ({
  name,
  help,
  type: 'gauge',
  samples,
})

const reasons = (labels: Record<string, string>, counts: Record<string, number>): Sample[] =>
  Object.entries(counts).map(([reason, value]) => ({ labels: { ...labels, reason }, value }))

const ledgerMetrics = ({ sources, destinations }: Ledger): Metric[] => [
  counter(
    'millrace_messages_accepted_total',
    'Messages made durable.',
    sources.map(({ source, accepted }) => ({ labels: { source }, value: accepted })),
  ),
  counter(
    'millrace_messages_duplicate_total',
    'Messages that repeated a messageId of the window.',
    sources.map(({ source, duplicate }) => ({ labels: { source }, value: duplicate })),
  ),
  counter(
    'millrace_messages_rejected_total',
    'Refused messages and requests.',
    sources.flatMap(({ source, rejected }) => reasons({ source }, rejected)),
  ),
  gauge(
    'millrace_messages_unresolved',
    'Durable messages that the resolve stage has not reached.',
    sources.map(({ source, unresolved }) => ({ labels: { source }, value: unresolved })),
  ),
  counter(
    'millrace_messages_delivered_total',
    'Messages that a destination took.',
    destinations.map(({ source, destination, delivered }) => ({ labels: { source, destination }, value: delivered })),
  ),
  counter(
    'millrace_messages_filtered_total',
    'Messages that were not for a destination.',
    destinations.flatMap(({ source, destination, filtered }) => reasons({ source, destination }, filtered)),
  ),
  gauge(
    'millrace_messages_pending',
    'Messages that wait for a destination.',
    destinations.map(({ source, destination, pending }) => ({
      labels: { source, destination },
      value: pending.waiting + pending.inFlight + pending.parked,
    })),
  ),
  gauge(
    'millrace_messages_parked',
    'Messages among the pending ones that failed and are tried again later, or wait behind one that did.',
    destinations.map(({ source, destination, pending }) => ({
      labels: { source, destination },
      value: pending.parked,
    })),
  ),
  counter(
    'millrace_messages_dead_total',
    'Messages that will not be delivered unless somebody acts.',
    destinations.flatMap(({ source, destination, dead }) => reasons({ source, destination }, dead)),
  ),
  counter(
    'millrace_action_messages_delivered_total',
    'Messages that one action of a destination delivered.',
    actionsOf(destinations).map(({ labels, delivered }) => ({ labels, value: delivered })),
  ),
  counter(
    'millrace_action_messages_dead_total',
    'Messages that one action of a destination will not deliver unless somebody acts.',
    actionsOf(destinations).flatMap(({ labels, dead }) => reasons(labels, dead)),
  ),
]

const actionsOf = (destinations: Ledger['destinations']) =>
  destinations.flatMap(({ source, destination, actions }) =>
    Object.entries(actions).map(([action, account]) => ({ labels: { source, destination, action }, ...account })),
  )

const ingestionMetrics = ({ ingestion }: Reports): Metric[] => [
  counter(
    'millrace_ingestion_requests_total',
    'Answered requests.',
    ingestion.flatMap(({ process, metrics }) =>
      Object.entries(metrics.requestsByStatus).map(([status, value]) => ({ labels: { process, status }, value })),
    ),
  ),
  counter(
    'millrace_ingestion_body_bytes_total',
    'Bytes of bodies as they arrived.',
    ingestion.map(({ process, metrics }) => ({ labels: { process }, value: metrics.bodyBytes })),
  ),
  counter(
    'millrace_ingestion_client_metrics_total',
    'Reports of client libraries about themselves.',
    ingestion.map(({ process, metrics }) => ({ labels: { process }, value: metrics.clientMetrics })),
  ),
  counter(
    'millrace_ingestion_blocks_total',
    'Blocks handed to the log.',
    ingestion.map(({ process, metrics }) => ({ labels: { process }, value: metrics.blocks })),
  ),
  {
    name: 'millrace_ingestion_request_seconds',
    help: 'From a request to its answer.',
    type: 'histogram',
    samples: ingestion.flatMap(({ process, metrics: { latency } }) =>
      histogramSamples(
        { process },
        latency.boundsMs.map((ms) => ms / 1000),
        latency.counts,
        latency.sumMs / 1000,
      ),
    ),
  },
]

const writerMetrics = (writer: WriterStatus | undefined): Metric[] =>
  writer === undefined
    ? []
    : [
        gauge('millrace_log_bytes', 'Size of the log.', [{ value: writer.head - writer.tail }]),
        gauge('millrace_log_unresolved_bytes', 'Bytes of log that the resolve stage has not reached.', [
          { value: writer.head - writer.resolveCursor },
        ]),
        gauge('millrace_disk_free_bytes', 'Free space of the disk that holds the data folder.', [
          { value: writer.freeBytes },
        ]),
        gauge('millrace_deduplication_ids', 'Ids in the deduplication window.', [{ value: writer.deduplication.ids }]),
        gauge('millrace_deduplication_window_seconds', 'Age of the deduplication window in effect.', [
          {
            value: writer.deduplication.sinceMs === undefined ? 0 : (Date.now() - writer.deduplication.sinceMs) / 1000,
          },
        ]),
      ]

const deliveryMetrics = ({ delivery, destinations }: Reports): Metric[] => [
  counter(
    'millrace_delivery_requests_total',
    'Calls of an action, each one batch.',
    delivery.map(({ id, metrics }) => ({ labels: { destination: id }, value: metrics.requests })),
  ),
  counter(
    'millrace_delivery_retries_total',
    'Batches that had to be sent again.',
    delivery.map(({ id, metrics }) => ({ labels: { destination: id }, value: metrics.retries })),
  ),
  {
    name: 'millrace_delivery_latency_seconds',
    help: 'From receipt of a message to its delivery.',
    type: 'histogram',
    samples: delivery.flatMap(({ id, metrics }) =>
      histogramSamples(
        { destination: id },
        latencyBucketsMs.map((ms) => ms / 1000),
        metrics.latency,
        metrics.latencySumMs / 1000,
      ),
    ),
  },
  gauge(
    'millrace_destination_lag_bytes',
    'Bytes of log between a destination and the resolve stage.',
    destinations.map(({ destination, lagBytes }) => ({ labels: { destination }, value: lagBytes })),
  ),
  gauge(
    'millrace_destination_up',
    '1 while deliveries succeed, 0 while they are retried, the circuit is open, or the destination is paused.',
    destinations.map(({ destination, state }) => ({
      labels: { destination },
      value: state === 'running' || state === 'disabled' ? 1 : 0,
    })),
  ),
]

const replayMetrics = (replays: readonly ReplayStatus[]): Metric[] => {
  const labelsOf = ({ id, destination }: ReplayStatus): Record<string, string> => ({ replay: id, destination })
  const total = (byReason: Record<string, number>): number => Object.values(byReason).reduce((sum, n) => sum + n, 0)
  return [
    counter(
      'millrace_replay_messages_total',
      'Messages that a replay has settled, by outcome. Those of live traffic are not among them.',
      replays.flatMap((replay) => {
        const { delivered, filtered, failed } = replay.counts
        const outcomes = { delivered, filtered: total(filtered), failed: total(failed) }
        return Object.entries(outcomes).map(([outcome, value]) => ({ labels: { ...labelsOf(replay), outcome }, value }))
      }),
    ),
    gauge(
      'millrace_replay_progress_ratio',
      'How much of its part of the log a replay has done, 0 to 1.',
      replays.map((replay) => ({ labels: labelsOf(replay), value: replay.progress })),
    ),
  ]
}
