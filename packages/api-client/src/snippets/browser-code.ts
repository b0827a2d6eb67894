import { quoteJs } from './quote.ts'
import type { SnippetTarget, SnippetTemplate } from './snippet.ts'

/** Calls that are kept until the script is there: all that the vendors' scripts take over. */
const queuedMethods = [
  'track',
  'identify',
  'page',
  'screen',
  'group',
  'alias',
  'reset',
  'ready',
  'on',
  'once',
  'off',
  'user',
  'setAnonymousId',
  'addSourceMiddleware',
  'addDestinationMiddleware',
  'trackLink',
  'trackForm',
  'register',
  'deregister',
  'debug',
]

interface LoadedScript {
  /** The name of the object that a page calls. */
  global: string
  /** By which the script finds that name. */
  attribute: string
  path: (writeKey: string) => string
}

/** Segment's script finds its settings by `_cdn`, Customer.io's by its own address. */
const loader =
  ({ global, attribute, path }: LoadedScript) =>
  ({ host, writeKey }: SnippetTarget): string =>
    `<script>
  (function () {
    if (window.${global}) return
    const queue = (window.${global} = [])
    queue.invoked = true
    queue._writeKey = ${quoteJs(writeKey)}
    queue._cdn = ${quoteJs(host)}
    for (const method of ${quoteJs(queuedMethods.join(' '))}.split(' ')) {
      queue[method] = (...args) => {
        queue.push([method, ...args])
        return queue
      }
    }
    const script = document.createElement('script')
    script.async = true
    script.setAttribute('${attribute}', '${global}')
    script.src = ${quoteJs(host + path(encodeURIComponent(writeKey)))}
    document.head.append(script)
    queue.page()
  })()
</script>
`

/** First in the head of every page. */
export const browserScripts = {
  segment: {
    library: 'analytics.js of Segment, served by Millrace',
    file: 'snippet.html',
    code: loader({
      global: 'analytics',
      attribute: 'data-global-segment-analytics-key',
      path: (key) => `/analytics.js/v1/${key}/analytics.min.js`,
    }),
  },
  customerio: {
    library: 'analytics.js of Customer.io, served by Millrace',
    file: 'snippet.html',
    code: loader({
      global: 'cioanalytics',
      attribute: 'data-global-customerio-analytics-key',
      path: (key) => `/v1/analytics-js/snippet/${key}/analytics.min.js`,
    }),
  },
} satisfies { [client: string]: SnippetTemplate }

const bundled = (library: string): SnippetTemplate => ({
  library,
  install: `npm install ${library}`,
  file: 'analytics.js',
  code: ({ host, writeKey }) => `import { AnalyticsBrowser } from '${library}'

export const analytics = AnalyticsBrowser.load({
  writeKey: ${quoteJs(writeKey)},
  cdnURL: ${quoteJs(host)},
})

analytics.page()
analytics.identify('user-1', { email: 'ada@example.com' })
analytics.track('Signed Up', { plan: 'pro' })
`,
})

export const browserPackages = {
  millrace: {
    library: '@millrace/browser',
    install: 'npm install @millrace/browser',
    file: 'analytics.js',
    code: ({ host, writeKey }) => `import { createAnalytics } from '@millrace/browser'

export const analytics = createAnalytics({
  writeKey: ${quoteJs(writeKey)},
  host: ${quoteJs(host)},
})

analytics.page()
analytics.identify('user-1', { email: 'ada@example.com' })
analytics.track('Signed Up', { plan: 'pro' })
`,
  },
  segment: bundled('@segment/analytics-next'),
  customerio: bundled('@customerio/cdp-analytics-browser'),
} satisfies { [client: string]: SnippetTemplate }
