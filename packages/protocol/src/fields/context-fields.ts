import { defineProperties } from '../property.ts'

/** The `context` of a message: facts around the call, most of them filled by libraries. */
export const contextFields = defineProperties({
  active: {
    type: 'boolean',
    description: 'Whether the user is active at the moment; false keeps an identify from counting as a visit.',
  },
  app: {
    type: 'object',
    description: 'App that makes the call.',
    properties: {
      name: { type: 'string', description: 'Name.', collectedBy: ['ios', 'android'] },
      version: { type: 'string', description: 'Version.', collectedBy: ['ios', 'android'] },
      build: { type: 'string', description: 'Build number.', collectedBy: ['ios', 'android'] },
      namespace: { type: 'string', description: 'Package name.' },
    },
  },
  campaign: {
    type: 'object',
    description: 'Campaign that led to the call, from the utm parameters; further ones may follow.',
    properties: {
      name: { type: 'string', description: 'utm_campaign.', collectedBy: ['analytics.js'] },
      source: { type: 'string', description: 'utm_source.', collectedBy: ['analytics.js'] },
      medium: { type: 'string', description: 'utm_medium.', collectedBy: ['analytics.js'] },
      term: { type: 'string', description: 'utm_term.', collectedBy: ['analytics.js'] },
      content: { type: 'string', description: 'utm_content.', collectedBy: ['analytics.js'] },
    },
  },
  device: {
    type: 'object',
    description: 'Device of the user.',
    properties: {
      id: { type: 'string', description: 'Id of the device.', collectedBy: ['ios', 'android'] },
      advertisingId: { type: 'string', description: 'Id for advertisers.', collectedBy: ['ios', 'android'] },
      adTrackingEnabled: {
        type: 'boolean',
        description: 'Whether the user allows ad tracking.',
        collectedBy: ['ios', 'android'],
      },
      manufacturer: { type: 'string', description: 'Manufacturer.', collectedBy: ['ios', 'android'] },
      model: { type: 'string', description: 'Model.', collectedBy: ['ios', 'android'] },
      name: { type: 'string', description: 'Name.', collectedBy: ['ios', 'android'] },
      type: { type: 'string', description: 'Kind, such as ios or android.', collectedBy: ['ios', 'android'] },
      version: { type: 'string', description: 'Version.' },
      token: { type: 'string', description: 'Token for push notifications.' },
    },
  },
  ip: { type: 'string', description: 'IP address of the user.', collectedBy: ['server, client-side sources'] },
  library: {
    type: 'object',
    description: 'Library that made the call.',
    properties: {
      name: { type: 'string', description: 'Name.', collectedBy: ['all'] },
      version: { type: 'string', description: 'Version.', collectedBy: ['all'] },
    },
  },
  locale: {
    type: 'string',
    description: 'Language and region, such as en-US.',
    collectedBy: ['analytics.js', 'ios', 'android'],
  },
  network: {
    type: 'object',
    description: 'Connection of the device.',
    properties: {
      bluetooth: { type: 'boolean', description: 'Whether Bluetooth is on.', collectedBy: ['android'] },
      carrier: { type: 'string', description: 'Mobile carrier.', collectedBy: ['ios', 'android'] },
      cellular: { type: 'boolean', description: 'Whether mobile data is in use.', collectedBy: ['ios', 'android'] },
      wifi: { type: 'boolean', description: 'Whether Wi-Fi is in use.', collectedBy: ['ios', 'android'] },
    },
  },
  os: {
    type: 'object',
    description: 'Operating system.',
    properties: {
      name: { type: 'string', description: 'Name.', collectedBy: ['ios', 'android'] },
      version: { type: 'string', description: 'Version.', collectedBy: ['ios', 'android'] },
    },
  },
  page: {
    type: 'object',
    description: 'Page of the call.',
    properties: {
      path: { type: 'string', description: 'Path of the address.', collectedBy: ['analytics.js'] },
      referrer: { type: 'string', description: 'Address of the page before.', collectedBy: ['analytics.js'] },
      search: { type: 'string', description: 'Query of the address.', collectedBy: ['analytics.js'] },
      title: { type: 'string', description: 'Title.', collectedBy: ['analytics.js'] },
      url: { type: 'url', description: 'Full address.', collectedBy: ['analytics.js'] },
      name: { type: 'string', description: 'Name.' },
      keywords: { type: 'array', description: 'Keywords.', itemType: 'string' },
    },
  },
  referrer: {
    type: 'object',
    description: 'What led the user here.',
    properties: {
      id: { type: 'string', description: 'Id.', collectedBy: ['analytics.js'] },
      type: { type: 'string', description: 'Kind.', collectedBy: ['analytics.js'] },
      name: { type: 'string', description: 'Name.' },
      url: { type: 'url', description: 'Address.' },
      link: { type: 'url', description: 'Link.' },
    },
  },
  screen: {
    type: 'object',
    description: 'Screen of the device.',
    properties: {
      density: { type: 'number', description: 'Pixel density.', collectedBy: ['android'] },
      height: { type: 'integer', description: 'Height in pixels.', collectedBy: ['ios', 'android'] },
      width: { type: 'integer', description: 'Width in pixels.', collectedBy: ['ios', 'android'] },
    },
  },
  timezone: {
    type: 'string',
    description: 'Time zone, such as Europe/Berlin.',
    collectedBy: ['analytics.js', 'ios', 'android'],
  },
  groupId: { type: 'string', description: 'Account that the call belongs to.' },
  traits: {
    type: 'object',
    description: 'Traits of the user at the time of the call.',
    collectedBy: ['ios', 'android'],
  },
  userAgent: { type: 'string', description: 'User agent of the browser.', collectedBy: ['analytics.js', 'android'] },
  userAgentData: {
    type: 'object',
    description: 'Client hints of the browser.',
    properties: {
      brands: {
        type: 'array',
        description: 'Brands of the browser with their versions.',
        collectedBy: ['analytics.js'],
      },
      mobile: { type: 'boolean', description: 'Whether it is a mobile device.', collectedBy: ['analytics.js'] },
      platform: { type: 'string', description: 'Platform.', collectedBy: ['analytics.js'] },
      bitness: { type: 'string', description: 'Bits of the processor.', collectedBy: ['analytics.js on request'] },
      model: { type: 'string', description: 'Model of the device.', collectedBy: ['analytics.js on request'] },
      platformVersion: {
        type: 'string',
        description: 'Version of the platform.',
        collectedBy: ['analytics.js on request'],
      },
      uaFullVersion: {
        type: 'string',
        description: 'Full version of the browser.',
        collectedBy: ['analytics.js on request'],
      },
      fullVersionList: {
        type: 'array',
        description: 'Brands with full versions.',
        collectedBy: ['analytics.js on request'],
      },
      wow64: {
        type: 'boolean',
        description: 'Whether it runs as 32 bit on 64 bit Windows.',
        collectedBy: ['analytics.js on request'],
      },
    },
  },
  channel: { type: 'string', description: 'Where the call comes from.', choices: ['server', 'browser', 'mobile'] },
  direct: {
    type: 'boolean',
    description: 'Whether the request comes from the device of the user, so that its address is theirs.',
  },
  amp: {
    type: 'object',
    description: 'AMP page.',
    properties: {
      id: { type: 'string', description: 'AMP id.', collectedBy: ['analytics.js'] },
    },
  },
})
