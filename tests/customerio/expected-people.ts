import type { JsonObject } from '@millrace/protocol'

/**
 * What a Customer.io workspace holds after each example, worked out by hand from the documented actions and from the rules of
 * Customer.io's Track API; never copied from what the code gave.
 */

export interface ExpectedEvent {
  /** Of the message in its file, from 0. */
  readonly message: number
  readonly kind: 'event' | 'page' | 'screen'
  readonly name: string
  /** Seconds since 1970. */
  readonly timestamp: number
  /** The attributes are the properties of the message, these above them. */
  readonly changes: JsonObject
  /** Properties of the message that have another name now. */
  readonly without?: readonly string[]
}

export interface ExpectedPerson {
  readonly id: string
  readonly email?: string
  readonly attributes?: JsonObject
  readonly events?: readonly ExpectedEvent[]
  readonly devices?: readonly JsonObject[]
  /** `<type>:<id>` of the object, with the attributes of the relationship. */
  readonly relationships?: { readonly [object: string]: JsonObject }
}

export interface Expected {
  /** In any order. */
  readonly people?: readonly ExpectedPerson[]
  readonly objects?: { readonly [object: string]: JsonObject }
  /** Events that wait for somebody to be identified, by anonymous id. */
  readonly anonymous?: { readonly [anonymousId: string]: readonly ExpectedEvent[] }
  /** Messages that are not accepted, by code. Default none. */
  readonly rejected?: { readonly [code: string]: number }
  readonly duplicates?: number
  readonly dead?: { readonly [reason: string]: number }
  /** What Customer.io accepts without full effect. */
  readonly notices?: readonly string[]
}

const seconds = (time: string): number => Math.floor(Date.parse(time) / 1000)

const browser = '62f60c7c-95b5-5338-afe4-3ae3bf46bd57'
const phone = 'b4dbeb91-3c42-583b-a970-24571d3e8f67'
const visitor = '8eab37e2-4cc6-5606-9171-81cc4a8d3923'
const newcomer = '2c675018-cb5f-5b8c-8c24-4ecaf585406b'
const shared = 'b7a593bd-b8af-5d2b-99d6-0654be16ef1b'

/** An event at this time on 2 March 2026, or at a whole time of another day. */
const event = (time: string, name: string, more: Partial<ExpectedEvent> = {}): ExpectedEvent => ({
  message: 0,
  kind: 'event',
  name,
  timestamp: seconds(time.includes('T') ? time : `2026-03-02T${time}Z`),
  changes: {},
  ...more,
})

/** One person, who did this one thing. */
const did = (
  time: string,
  name: string,
  changes: JsonObject = {},
  { id = 'usr_7Q2M', without = [] }: { id?: string; without?: readonly string[] } = {},
): Expected => ({
  people: [{ id, events: [event(time, name, { changes, without })] }],
})

/** Beside a user id the anonymous id is sent among the attributes. */
const inBrowser: JsonObject = { anonymous_id: browser }

export const expectedPeople: { readonly [file: string]: Expected } = {
  '01-identify-full-traits.json': {
    people: [
      {
        id: 'usr_7Q2M',
        email: 'ines@mail.example',
        attributes: {
          name: 'Inês Carvalho',
          firstName: 'Inês',
          lastName: 'Carvalho',
          phone: '+351210000000',
          age: 34,
          birthday: seconds('1991-07-19'),
          gender: 'female',
          avatar: 'https://img.kettle.example/u/ines.png',
          created_at: seconds('2024-11-05T08:00:00Z'),
          username: 'ines.c',
          title: 'Buyer',
          website: 'https://ines.example',
          description: 'Drinks green tea',
          address: { street: 'Rua do Chá 4', city: 'Porto', state: 'Porto', postalCode: '4000-001', country: 'PT' },
          company: { name: 'Moinho Lda', id: 4711, industry: 'Food', employee_count: 12, plan: 'team' },
          anonymous_id: browser,
        },
      },
    ],
  },
  // Somebody anonymous has no profile, and Customer.io keeps no attributes without one.
  '02-identify-anonymous-only.json': { notices: ['somebody anonymous has no profile'] },
  '03-identify-customerio-preferences.json': {
    people: [
      {
        id: 'usr_88',
        email: 'k@mail.example',
        attributes: {
          unsubscribed: false,
          cio_subscription_preferences: {
            topics: { topic_1: true, topic_2: false },
            channels: { email: true, push: false },
          },
        },
      },
    ],
  },
  // Attributes of an object are those under `objectAttributes`, and this message has none there.
  '04-group-reserved-traits.json': {
    people: [{ id: 'usr_7Q2M', relationships: { '1:org_19': { role: 'owner' } } }],
    objects: { '1:org_19': {} },
  },
  '05-page-browser.json': {
    anonymous: {
      [browser]: [
        event('09:18:03', 'https://kettle.example/shop/tea?utm_source=letter&utm_campaign=spring', { kind: 'page' }),
      ],
    },
  },
  '06-screen-mobile.json': {
    people: [
      { id: 'usr_7Q2M', events: [event('09:18:40', 'Basket', { kind: 'screen', changes: { anonymous_id: phone } })] },
    ],
  },
  // Neither of the two is a person yet, so there is nothing to merge.
  '07-alias-anonymous-to-user.json': { notices: ['the primary person does not exist'] },
  '08-track-custom.json': did('09:19:54', 'Course Module Finished', inBrowser),
  // sentAt is before the times of the messages, so these are as much later than the receipt, 1 March 2026, 09:00.
  '09-batch-mixed.json': {
    people: [
      {
        id: 'usr_9',
        email: 'n@mail.example',
        relationships: { '1:org_2': {} },
        events: [
          event('2026-03-01T09:06:45Z', 'Signed Up', { message: 2 }),
          event('2026-03-01T09:07:22Z', 'https://kettle.example/welcome', { message: 3, kind: 'page' }),
          event('2026-03-01T09:07:59Z', 'Welcome', { message: 4, kind: 'screen' }),
        ],
      },
    ],
    objects: { '1:org_2': {} },
  },
  '10-ab-experiment-viewed.json': did('09:23:36', 'Experiment Viewed', inBrowser),
  // Standard events are sent by their standard names, with the types of the dictionary where nothing is lost.
  '11-ab-experiment-viewed-variant-keys.json': did(
    '09:24:13',
    'Experiment Viewed',
    { variation_id: 'exp_5_b', variation_name: 'One page' },
    { without: ['variant_id', 'variant_name'] },
  ),
  '12-ecom-products-searched.json': did('09:24:50', 'Products Searched', inBrowser),
  '13-ecom-products-searched-object-query.json': did('09:25:27', 'Products Searched'),
  '14-ecom-product-list-filtered.json': did('09:26:04', 'Product List Filtered'),
  '15-ecom-promotion-clicked.json': did('09:26:41', 'Promotion Clicked', inBrowser),
  '16-ecom-product-viewed.json': did('09:27:18', 'Product Viewed', inBrowser),
  '17-ecom-product-added.json': did('09:27:55', 'Product Added', inBrowser),
  '18-ecom-cart-viewed-empty.json': did('09:28:32', 'Cart Viewed'),
  '19-ecom-checkout-started.json': did('09:29:09', 'Checkout Started'),
  '20-ecom-checkout-step-completed.json': did('09:29:46', 'Checkout Step Completed'),
  '21-ecom-payment-info-entered.json': did('09:30:23', 'Payment Info Entered'),
  '22-ecom-order-completed.json': did('09:31:00', 'Order Completed'),
  '23-ecom-order-completed-v1-name.json': did(
    '09:31:37',
    'Order Completed',
    {
      order_id: 'o_8000',
      products: [{ product_id: 'p-1', sku: 'TEA-001', name: 'Assam 100 g', price: 6.9, quantity: 1, category: 'Tea' }],
    },
    { without: ['orderId'] },
  ),
  '24-ecom-order-refunded-partial.json': did('09:32:14', 'Order Refunded'),
  '25-ecom-coupon-denied.json': did('09:32:51', 'Coupon Denied'),
  '26-ecom-wishlist-product-added-to-cart.json': did('09:33:28', 'Wishlist Product Added to Cart'),
  '27-ecom-cart-shared.json': did('09:34:05', 'Cart Shared'),
  '28-ecom-product-reviewed-unicode.json': did('09:34:42', 'Product Reviewed'),
  // A device needs a person and a token; this message has neither.
  '29-mobile-application-installed.json': { dead: { invalid: 1 } },
  '30-mobile-application-updated-numeric-build.json': did('09:35:56', 'Application Updated', {
    previous_build: '4190',
  }),
  '31-mobile-push-notification-tapped.json': did('09:36:33', 'Push Notification Tapped'),
  '32-mobile-deep-link-opened.json': did('09:37:10', 'Deep Link Opened'),
  '33-mobile-install-attributed.json': did('09:37:47', 'Install Attributed'),
  '34-email-link-clicked.json': did('09:38:24', 'Email Link Clicked'),
  // It has no type: the old envelope called it action.
  // It has no time of its own: that is when the pipeline of the test receives it.
  '35-email-bounced-legacy-envelope.json': did('2026-03-01T09:00:00Z', 'Email Bounced'),
  '36-email-unsubscribed-list.json': did('09:39:01', 'Unsubscribed'),
  '37-chat-message-received.json': did('09:39:38', 'Live Chat Message Received'),
  '38-video-playback-started.json': did('09:40:15', 'Video Playback Started'),
  '39-video-playback-interrupted-nulls.json': did('09:40:52', 'Video Playback Interrupted'),
  '40-video-content-playing.json': did('09:41:29', 'Video Content Playing', { airdate: seconds('2026-01-15') }),
  '41-video-content-playing-livestream.json': did('09:42:06', 'Video Content Playing', {
    airdate: seconds('2026-01-15'),
  }),
  '42-video-ad-completed.json': did('09:42:43', 'Video Ad Completed'),
  '43-b2b-trial-started.json': did('09:43:20', 'Trial Started', {
    trial_start_date: seconds('2026-03-02T00:00:00Z'),
    trial_end_date: seconds('2026-03-16T00:00:00Z'),
  }),
  '44-b2b-account-removed-user.json': did('09:43:57', 'Account Removed User'),
  '45-edge-numeric-user-id.json': did('09:44:34', 'Signed In', {}, { id: '4711' }),
  '46-edge-missing-message-id.json': did('09:45:11', 'Signed Out'),
  '47-edge-clock-ahead-one-hour.json': did('09:45:45', 'Product Clicked'),
  '48-edge-clock-behind-two-days.json': did('09:46:24', 'Product Clicked'),
  '49-edge-queued-offline-six-hours.json': did('03:47:04', 'Application Backgrounded'),
  '50-edge-historical-import.json': did('2019-06-30T22:15:00Z', 'Order Completed'),
  '51-edge-integrations-select.json': did('09:48:16', 'Product Viewed'),
  '52-edge-integrations-options.json': did('09:48:53', 'Product Viewed'),
  '53-edge-integrations-null.json': did('09:49:30', 'Product Viewed'),
  // Null removes an attribute, or leaves out one that never was.
  '54-edge-null-traits.json': { people: [{ id: 'usr_7Q2M', attributes: { name: 'Inês' } }] },
  '55-edge-long-string.json': did('09:50:44', 'Note Saved'),
  '56-edge-over-32kb.json': { rejected: { message_too_large: 1 } },
  '57-edge-deep-nesting.json': did('09:51:58', 'Form Saved'),
  '58-edge-odd-keys.json': did('09:52:35', 'Odd Keys'),
  '59-edge-numbers.json': did('09:53:12', 'Numbers'),
  '60-invalid-no-identity.json': { rejected: { no_identity: 1 } },
  '61-invalid-track-without-event.json': { rejected: { no_event: 1 } },
  '62-customerio-device-created.json': {
    people: [
      {
        id: 'usr_7Q2M',
        devices: [
          {
            token: 'fcm_tok_1',
            platform: 'android',
            lastUsed: seconds('2026-03-02T09:55:03Z'),
            attributes: { app_version: '4.2.0' },
          },
        ],
      },
    ],
  },
  // What was done anonymously becomes the person's.
  '63-seq-anonymous-then-identified.json': {
    people: [
      {
        id: 'usr_SEQ1',
        email: 'seq1@mail.example',
        attributes: { anonymous_id: visitor },
        events: [
          event('09:55:40', 'https://kettle.example/', { kind: 'page' }),
          event('09:56:17', 'Product Viewed', { message: 1 }),
          event('09:56:54', 'Product Added', { message: 2 }),
          event('09:58:08', 'Order Completed', { message: 4, changes: { anonymous_id: visitor } }),
        ],
      },
    ],
  },
  // The default mapping of alias names the anonymous id as if it were the id of a person, and there is no such person; the
  // identify call does not name it. So what was done anonymously stays so, as with Customer.io's own pipelines.
  '64-seq-alias-merge.json': {
    people: [{ id: 'usr_SEQ2', email: 'seq2@mail.example' }],
    anonymous: { [newcomer]: [event('09:58:45', 'Signed Up')] },
    notices: ['the primary person does not exist'],
  },
  // An anonymous id belongs to one person: the first. The second is a person of their own, without it.
  '65-seq-shared-device-two-users.json': {
    people: [
      {
        id: 'usr_S1',
        email: 's1@mail.example',
        attributes: { anonymous_id: shared },
        events: [event('10:01:13', 'Signed Out', { message: 1, changes: { anonymous_id: shared } })],
      },
      { id: 'usr_S2', email: 's2@mail.example' },
    ],
    notices: ['anonymous_id: it belongs to another person'],
  },
  '66-seq-duplicate-message-id.json': {
    people: [{ id: 'usr_SEQ1', events: [event('10:02:27', 'Product Added', { changes: { anonymous_id: visitor } })] }],
    duplicates: 1,
  },
}
