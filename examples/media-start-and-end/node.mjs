// A media server that notes what is played. Run it with: node examples/media-start-and-end/node.mjs
import { Analytics } from '@segment/analytics-node'

const analytics = new Analytics({
  writeKey: process.env.MILLRACE_WRITE_KEY ?? 'wk_web',
  host: process.env.MILLRACE_URL ?? 'http://127.0.0.1:8420',
})

const listener = { id: 'user-301', email: 'dan@example.com' }
const episode = { id: 'episode-12', seconds: 3 }

// One session_id in all events of one playback holds them together. Positions and lengths are whole seconds.
const session = { session_id: 'play-5', total_length: episode.seconds, livestream: false }

analytics.identify({ userId: listener.id, traits: { email: listener.email } })
analytics.track({
  userId: listener.id,
  event: 'Video Playback Started', // The standard events of this name are for sound as well.
  properties: { ...session, position: 0, content_asset_ids: [episode.id] },
})
analytics.track({
  userId: listener.id,
  event: 'Video Playback Completed',
  properties: { ...session, position: episode.seconds, content_asset_id: episode.id },
})

await analytics.closeAndFlush()
