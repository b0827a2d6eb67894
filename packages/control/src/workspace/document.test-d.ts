import { defineWorkspace } from './document.ts'

/** Checked by the compiler alone: what a person may and may not write in a typed configuration file. */

export const good = defineWorkspace({
  sources: { web: { type: 'http', name: 'Web', writeKeys: ['a'], settings: { hashKey: { $env: 'KEY' } } } },
  destinations: {
    hook: {
      type: 'webhook',
      settings: { url: 'https://example.com', headers: { a: 'b' }, list: [1, 'x'] },
      mappings: [{ action: 'send', fields: { data: { '@path': '$.properties' } } }],
    },
  },
  settings: { retention: { maxAgeMs: 1 } },
})

// @ts-expect-error -- an unknown part beside a known one
defineWorkspace({ sources: {}, destinatons: {} })
// @ts-expect-error -- an unknown kind of source
defineWorkspace({ sources: { web: { type: 'ftp', writeKeys: ['a'] } } })
// @ts-expect-error -- write keys are required
defineWorkspace({ sources: { web: { type: 'http' } } })
// @ts-expect-error -- an unknown key of a destination
defineWorkspace({ destinations: { hook: { type: 'webhook', mapping: [] } } })
// @ts-expect-error -- a function is no setting
defineWorkspace({ destinations: { hook: { type: 'webhook', settings: { url: () => 'x' } } } })
