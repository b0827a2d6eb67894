"""A media server that notes what is played. Run it with: python examples/media-start-and-end/main.py"""
import os

import segment.analytics as analytics

analytics.write_key = os.environ.get("MILLRACE_WRITE_KEY", "wk_web")
analytics.host = os.environ.get("MILLRACE_URL", "http://127.0.0.1:8420")

listener = {"id": "user-301", "email": "dan@example.com"}
episode = {"id": "episode-12", "seconds": 3}

# One session_id in all events of one playback holds them together. Positions and lengths are whole seconds.
session = {"session_id": "play-5", "total_length": episode["seconds"], "livestream": False}

analytics.identify(listener["id"], {"email": listener["email"]})
analytics.track(
    listener["id"],
    "Video Playback Started",  # The standard events of this name are for sound as well.
    {**session, "position": 0, "content_asset_ids": [episode["id"]]},
)
analytics.track(
    listener["id"],
    "Video Playback Completed",
    {**session, "position": episode["seconds"], "content_asset_id": episode["id"]},
)

analytics.shutdown()
