import { defineEvents } from './define-events.ts'
import { ad, content, playback, playbackStart, stream } from './video-properties.ts'

export const videoEvents = defineEvents({
  'Video Playback Started': {
    description: 'Playback was started by the viewer.',
    properties: playbackStart,
  },
  'Video Playback Paused': {
    description: 'Playback was paused by the viewer.',
    properties: playback,
  },
  'Video Playback Interrupted': {
    description: 'Playback stopped against the will of the viewer.',
    properties: { ...playback, method: { type: 'string', description: 'What interrupted it.' } },
  },
  'Video Playback Buffer Started': {
    description: 'The player has to load.',
    properties: playback,
  },
  'Video Playback Buffer Completed': {
    description: 'The player has loaded enough.',
    properties: playback,
  },
  'Video Playback Seek Started': {
    description: 'The viewer goes to another position.',
    properties: { ...playback, seek_position: { type: 'integer', description: 'Where the viewer wants to go.' } },
  },
  'Video Playback Seek Completed': {
    description: 'The other position is reached.',
    properties: playback,
  },
  'Video Playback Resumed': {
    description: 'Playback goes on after a pause.',
    properties: playback,
  },
  'Video Playback Completed': {
    description: 'The session was played to the end.',
    properties: playback,
  },
  'Video Playback Exited': {
    description: 'The viewer left.',
    properties: playback,
  },
  'Video Content Started': {
    description: 'A part of the content began.',
    properties: content,
  },
  'Video Content Playing': {
    description: 'Content plays; sent at intervals.',
    properties: content,
  },
  'Video Content Completed': {
    description: 'A part of the content was played to its end.',
    properties: content,
  },
  'Video Ad Started': {
    description: 'An ad began.',
    properties: ad,
  },
  'Video Ad Playing': {
    description: 'An ad plays; sent at intervals.',
    properties: {
      ...ad,
      quartile: { type: 'integer', choices: [1, 2, 3], description: 'Quarter that was reached.' },
    },
  },
  'Video Ad Completed': {
    description: 'An ad was played to its end.',
    properties: ad,
  },
  'Video Quality Updated': {
    description: 'The picture quality changed.',
    properties: {
      ...stream,
      startupTime: { type: 'number', description: 'Time until the player started; camelCase by specification.' },
      droppedFrames: { type: 'integer', description: 'Frames that were left out; camelCase by specification.' },
    },
    documentedBy: ['segment'],
  },
})
