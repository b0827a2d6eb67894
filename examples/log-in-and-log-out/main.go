// A web server where people log in and out. Run it in the folder examples with: go run ./log-in-and-log-out
package main

import (
	"log"
	"os"

	"github.com/segmentio/analytics-go/v3"
)

type user struct{ id, email, name string }

// The anonymousID is that of the browser, from its cookie ajs_anonymous_id.
func logIn(client analytics.Client, who user, anonymousID string) error {
	err := client.Enqueue(analytics.Identify{
		UserId:      who.id,
		AnonymousId: anonymousID,
		Traits:      analytics.NewTraits().SetEmail(who.email).SetName(who.name),
	})
	if err != nil {
		return err
	}
	return client.Enqueue(analytics.Track{
		UserId:      who.id,
		AnonymousId: anonymousID,
		Event:       "Signed In",
		Properties:  analytics.NewProperties().Set("username", who.email),
	})
}

// What comes after this is somebody else's: clear that cookie with the session, so that the next id is a new one.
func logOut(client analytics.Client, who user, anonymousID string) error {
	return client.Enqueue(analytics.Track{
		UserId:      who.id,
		AnonymousId: anonymousID,
		Event:       "Signed Out",
		Properties:  analytics.NewProperties().Set("username", who.email),
	})
}

func search(client analytics.Client, query, anonymousID string) error {
	return client.Enqueue(analytics.Track{
		AnonymousId: anonymousID,
		Event:       "Products Searched",
		Properties:  analytics.NewProperties().Set("query", query),
	})
}

func run() error {
	client, err := analytics.NewWithConfig(setting("MILLRACE_WRITE_KEY", "wk_web"), analytics.Config{
		Endpoint: setting("MILLRACE_URL", "http://127.0.0.1:8420"),
	})
	if err != nil {
		return err
	}
	defer client.Close() // Sends what is still queued.

	ada := user{"user-101", "ada@example.com", "Ada Byron"}
	bob := user{"user-102", "bob@example.com", "Bob Noyce"}
	if err := logIn(client, ada, "browser-1"); err != nil {
		return err
	}
	if err := logOut(client, ada, "browser-1"); err != nil {
		return err
	}
	// The same computer, after the cookie was cleared.
	if err := search(client, "tea", "browser-2"); err != nil {
		return err
	}
	return logIn(client, bob, "browser-2")
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
