// A web server where people log in and out. Run it with: node examples/log-in-and-log-out/node.mjs
import { Analytics } from '@segment/analytics-node'

const analytics = new Analytics({
  writeKey: process.env.MILLRACE_WRITE_KEY ?? 'wk_web',
  host: process.env.MILLRACE_URL ?? 'http://127.0.0.1:8420',
})

// The anonymousId is that of the browser, from its cookie ajs_anonymous_id.
function logIn(user, anonymousId) {
  analytics.identify({ userId: user.id, anonymousId, traits: { email: user.email, name: user.name } })
  analytics.track({ userId: user.id, anonymousId, event: 'Signed In', properties: { username: user.email } })
}

function logOut(user, anonymousId) {
  analytics.track({ userId: user.id, anonymousId, event: 'Signed Out', properties: { username: user.email } })
  // What comes now is somebody else's: clear that cookie with the session, so that the next id is a new one.
}

function search(query, anonymousId) {
  analytics.track({ anonymousId, event: 'Products Searched', properties: { query } })
}

const ada = { id: 'user-101', email: 'ada@example.com', name: 'Ada Byron' }
const bob = { id: 'user-102', email: 'bob@example.com', name: 'Bob Noyce' }

logIn(ada, 'browser-1')
logOut(ada, 'browser-1')
// The same computer, after the cookie was cleared.
search('tea', 'browser-2')
logIn(bob, 'browser-2')

await analytics.closeAndFlush()
