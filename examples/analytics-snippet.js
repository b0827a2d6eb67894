// Loads the analytics client that Millrace serves. Calls that are made before it is there are kept and made then.
// Put this script first in the head of every page:
//   <script src="/analytics-snippet.js" data-url="https://events.example.com" data-write-key="wk_web"></script>
{
  const { url, writeKey } = document.currentScript.dataset
  const analytics = (window.analytics = [])
  analytics.invoked = true
  analytics._writeKey = writeKey
  analytics._cdn = url
  const methods = ['identify', 'track', 'page', 'screen', 'group', 'alias', 'reset', 'ready', 'on', 'setAnonymousId']
  for (const method of methods) {
    analytics[method] = (...args) => {
      analytics.push([method, ...args])
      return analytics
    }
  }
  const script = document.createElement('script')
  script.async = true
  script.dataset.globalSegmentAnalyticsKey = 'analytics'
  script.src = `${url}/analytics.js/v1/${writeKey}/analytics.min.js`
  document.head.append(script)
}
