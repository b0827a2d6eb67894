import type { Snippet } from './clients.ts'
import type { PageGlobals } from './page-calls.ts'

interface Instance {
  initialized?: boolean
  user: () => { anonymousId: () => string }
}

/**
 * The vendors' snippets: a list takes the calls until the script, which comes from our server, takes them over. `cdn` is
 * the field by which Segment's script learns its own address where that is not https.
 */
const snippet = (name: string, specifier: { global: string; attribute: string; script: string }): Snippet => ({
  name,
  head: ({ host, writeKey }) => {
    const { global, attribute, script } = specifier
    return `<script>
      var queue = (window.${global} = []);
      queue.invoked = true;
      queue.SNIPPET_VERSION = '5.2.1';
      queue._writeKey = '${writeKey}';
      queue._cdn = '${host}';
      ['identify', 'track', 'page', 'screen', 'group', 'alias', 'reset', 'ready', 'on', 'user', 'setAnonymousId'].forEach(function (method) {
        queue[method] = function () {
          queue.push([method].concat(Array.prototype.slice.call(arguments)));
          return queue;
        };
      });
      queue.page();
      var script = document.createElement('script');
      script.async = true;
      script.setAttribute('${attribute}', '${global}');
      script.src = '${host}${script.replace('WRITE_KEY', writeKey)}';
      document.head.appendChild(script);
    </script>`
  },
  load: async (page) => {
    await page.waitForFunction((name) => {
      const globals = globalThis as unknown as Record<string, Instance | undefined>
      return globals[name]?.initialized === true
    }, specifier.global)
    await page.evaluate((name) => {
      const globals = globalThis as unknown as Record<string, Instance> & PageGlobals
      const instance = globals[name]
      Object.assign(globals, { analytics: instance, anonymousId: () => instance?.user().anonymousId() })
    }, specifier.global)
  },
})

export const segmentSnippet = snippet('the snippet of Segment', {
  global: 'analytics',
  attribute: 'data-global-segment-analytics-key',
  script: '/analytics.js/v1/WRITE_KEY/analytics.min.js',
})
export const customerioSnippet = snippet('the snippet of Customer.io', {
  global: 'cioanalytics',
  attribute: 'data-global-customerio-analytics-key',
  script: '/v1/analytics-js/snippet/WRITE_KEY/analytics.min.js',
})

/** Customer.io's client at the address where sites that came from Segment have it; the source says that it is this one. */
export const customerioSnippetAtSegments = snippet('the snippet of Customer.io', {
  global: 'cioanalytics',
  attribute: 'data-global-customerio-analytics-key',
  script: '/analytics.js/v1/WRITE_KEY/analytics.min.js',
})
