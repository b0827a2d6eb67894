import { defineProperties } from '../property.ts'

/** Properties that several video events share. Lengths and positions are in seconds. */

const sessionId = { type: 'string', description: 'Id of the playback session, in all of its events.' } as const
const title = { type: 'string', description: 'Title.' } as const
const publisher = { type: 'string', description: 'Publisher.' } as const
const livestream = { type: 'boolean', description: 'Whether it is live.' } as const
const placements = ['pre-roll', 'mid-roll', 'post-roll'] as const

export const stream = defineProperties({
  bitrate: { type: 'integer', description: 'Rate in kbit/s.' },
  framerate: { type: 'number', description: 'Mean frames per second.' },
})

const player = defineProperties({
  session_id: sessionId,
  position: { type: 'integer', description: 'Where the playback is, with ads when that is known.' },
  total_length: { type: 'integer', description: 'Length; null when it is live.', nullable: true },
  ...stream,
  video_player: { type: 'string', description: 'Name of the player.' },
  sound: { type: 'integer', description: 'Volume, 0 to 100.' },
  full_screen: { type: 'boolean', description: 'Whether it fills the screen.' },
  ad_enabled: { type: 'boolean', description: 'Whether ads can be shown; false with an ad blocker.' },
  quality: { type: 'string', description: 'Label of the picture quality.' },
  livestream,
})

/** At the start the assets of the whole session are given. */
export const playbackStart = defineProperties({
  ...player,
  content_asset_ids: { type: 'array', itemType: 'string', description: 'Content assets of the session.' },
  content_pod_ids: { type: 'array', itemType: 'string', description: 'Content pods of the session.' },
  ad_asset_id: {
    type: 'array',
    itemType: 'string',
    accepts: ['string'],
    aliases: ['ad_asset_ids'],
    description: 'Ad assets of the session.',
  },
  ad_pod_id: {
    type: 'array',
    itemType: 'string',
    accepts: ['string'],
    aliases: ['ad_pod_ids'],
    description: 'Ad pods of the session.',
  },
  ad_type: {
    type: 'string',
    accepts: ['array'],
    aliases: ['ad_types'],
    choices: placements,
    nullable: true,
    description: 'When the ads play; one or a list.',
  },
})

/** Later events name the assets that play at the moment. */
export const playback = defineProperties({
  ...player,
  content_asset_id: { type: 'string', nullable: true, description: 'Content asset that plays.' },
  content_pod_id: { type: 'string', nullable: true, description: 'Content pod that plays.' },
  ad_asset_id: { type: 'string', nullable: true, description: 'Ad asset that plays.' },
  ad_pod_id: { type: 'string', nullable: true, description: 'Ad pod that plays.' },
  ad_type: { type: 'string', nullable: true, choices: placements, description: 'When the ad plays.' },
})

const asset = defineProperties({
  session_id: sessionId,
  asset_id: { type: 'string', description: 'Id of the asset.' },
  pod_id: { type: 'string', description: 'Id of the pod.' },
  title,
  publisher,
})

export const content = defineProperties({
  ...asset,
  description: { type: 'string', description: 'What it is about.' },
  keywords: { type: 'array', itemType: 'string', description: 'Keywords.' },
  season: { type: 'string', description: 'Season.' },
  episode: { type: 'string', description: 'Episode.' },
  genre: { type: 'string', description: 'Genre.' },
  program: { type: 'string', description: 'Programme that it belongs to.' },
  position: { type: 'integer', description: 'Where the playback is, without ads.' },
  total_length: { type: 'integer', description: 'Length without ads; null when it is live.', nullable: true },
  channel: { type: 'string', description: 'Channel that shows it.' },
  full_episode: { type: 'boolean', description: 'Whether it is a full episode.' },
  livestream,
  airdate: { type: 'datetime', description: 'When it was first shown.' },
  ...stream,
})

export const ad = defineProperties({
  ...asset,
  pod_position: { type: 'integer', description: 'Place of the ad in its pod.' },
  pod_length: { type: 'integer', description: 'Number of ads in the pod.' },
  type: { type: 'string', choices: placements, description: 'When the ad plays.' },
  position: { type: 'integer', description: 'Where the playback of the ad is.' },
  total_length: { type: 'integer', description: 'Length of the ad.' },
  load_type: {
    type: 'string',
    choices: ['linear', 'dynamic'],
    description: 'linear when all see the same ad, dynamic when it is chosen.',
  },
  content: { type: 'object', description: 'Content around the ad, for tools that need it.', properties: content },
})
