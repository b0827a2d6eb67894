// A media server that notes what is played. Run it in the folder examples with: go run ./media-start-and-end
package main

import (
	"log"
	"os"

	"github.com/segmentio/analytics-go/v3"
)

// One session_id in all events of one playback holds them together. Positions and lengths are whole seconds.
func playback(sessionID string, seconds, position int) analytics.Properties {
	return analytics.NewProperties().
		Set("session_id", sessionID).
		Set("total_length", seconds).
		Set("livestream", false).
		Set("position", position)
}

func run() error {
	client, err := analytics.NewWithConfig(setting("MILLRACE_WRITE_KEY", "wk_web"), analytics.Config{
		Endpoint: setting("MILLRACE_URL", "http://127.0.0.1:8420"),
	})
	if err != nil {
		return err
	}
	defer client.Close() // Sends what is still queued.

	const listener, session, episode, seconds = "user-301", "play-5", "episode-12", 3
	err = client.Enqueue(analytics.Identify{
		UserId: listener,
		Traits: analytics.NewTraits().SetEmail("dan@example.com"),
	})
	if err != nil {
		return err
	}
	err = client.Enqueue(analytics.Track{
		UserId:     listener,
		Event:      "Video Playback Started", // The standard events of this name are for sound as well.
		Properties: playback(session, seconds, 0).Set("content_asset_ids", []string{episode}),
	})
	if err != nil {
		return err
	}
	return client.Enqueue(analytics.Track{
		UserId:     listener,
		Event:      "Video Playback Completed",
		Properties: playback(session, seconds, seconds).Set("content_asset_id", episode),
	})
}

func setting(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
