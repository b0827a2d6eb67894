#!/bin/sh
# An episode is played from start to end. Run it with: sh examples/media-start-and-end/curl.sh
set -eu

send() {
  curl -sS --fail-with-body -u "${MILLRACE_WRITE_KEY:-wk_web}:" -H 'content-type: application/json' \
    "${MILLRACE_URL:-http://127.0.0.1:8420}/v1/$1" -d "$2"
  echo
}

# One session_id in all events of one playback holds them together. Positions and lengths are whole seconds.
send identify '{ "userId": "user-301", "traits": { "email": "dan@example.com" } }'
send track '{ "userId": "user-301", "event": "Video Playback Started",
  "properties": { "session_id": "play-5", "total_length": 3, "livestream": false, "position": 0,
    "content_asset_ids": ["episode-12"] } }'
send track '{ "userId": "user-301", "event": "Video Playback Completed",
  "properties": { "session_id": "play-5", "total_length": 3, "livestream": false, "position": 3,
    "content_asset_id": "episode-12" } }'
