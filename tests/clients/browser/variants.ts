import type { JsonObject } from '@millrace/protocol'
import {
  customerio,
  customerioBatching,
  jitsu,
  rudderstackBatch,
  rudderstackBeacon,
  rudderstackXhr,
  segment,
  segmentBatching,
} from './clients.ts'
import type { BrowserClient } from './clients.ts'
import { customerioSnippet, segmentSnippet } from './snippets.ts'

/**
 * What becomes of a message that is refused with 429 or 503, or whose connection breaks:
 *
 *   again      the client sends it until it is taken, ten times and more, in pauses that grow to minutes
 *   again 4×   the client gives it up after four attempts
 *   last       of a batch that could not be sent, the message that filled it is sent again, once; the others are lost
 *   lost       the client does not look at the answer, or does nothing about it
 */
export type Fate = 'again' | 'again 4×' | 'last' | 'lost'

export interface Variant {
  source: string
  name: string
  client: BrowserClient
  refused: Fate
  broken: Fate
}

export const variants: readonly Variant[] = [
  {
    source: 'segment',
    name: '@segment/analytics-next, standard',
    client: segment(),
    refused: 'again',
    broken: 'again',
  },
  {
    source: 'segment_batching',
    name: '@segment/analytics-next, batching',
    client: segmentBatching,
    refused: 'again',
    broken: 'again',
  },
  {
    source: 'segment_snippet',
    name: 'the snippet of Segment',
    client: segmentSnippet,
    refused: 'again',
    broken: 'again',
  },
  {
    source: 'customerio',
    name: '@customerio/cdp-analytics-browser, standard',
    client: customerio(),
    refused: 'lost',
    broken: 'again 4×',
  },
  {
    source: 'customerio_batching',
    name: '@customerio/cdp-analytics-browser, batching',
    client: customerioBatching,
    refused: 'lost',
    broken: 'last',
  },
  {
    source: 'customerio_snippet',
    name: 'the snippet of Customer.io',
    client: customerioSnippet,
    refused: 'lost',
    broken: 'again 4×',
  },
  {
    source: 'rudderstack',
    name: '@rudderstack/analytics-js/bundled, XHR',
    client: rudderstackXhr,
    refused: 'again',
    broken: 'again',
  },
  {
    source: 'rudderstack_batch',
    name: '@rudderstack/analytics-js/bundled, batch',
    client: rudderstackBatch,
    refused: 'again',
    broken: 'again',
  },
  {
    source: 'rudderstack_beacon',
    name: '@rudderstack/analytics-js/bundled, beacon',
    client: rudderstackBeacon,
    refused: 'lost',
    broken: 'lost',
  },
  { source: 'jitsu', name: '@jitsu/js', client: jitsu, refused: 'lost', broken: 'lost' },
]

/** Sources for all of them. */
export const variantSources: Readonly<Record<string, JsonObject>> = Object.fromEntries(
  variants.map(({ source }) => [source, {}]),
)
