// An online school that follows its learners. Run it in the folder examples with: go run ./course-module-progress
package main

import (
	"log"
	"os"

	"github.com/segmentio/analytics-go/v3"
)

const learner = "user-401"

var modules = []string{"Select", "Join"}

func about(number int) analytics.Properties {
	return analytics.NewProperties().
		Set("course_id", "course-sql").
		Set("course_name", "SQL for analysts").
		Set("module_number", number).
		Set("module_name", modules[number-1])
}

func startModule(client analytics.Client, number int) error {
	return client.Enqueue(analytics.Track{UserId: learner, Event: "Module Started", Properties: about(number)})
}

// An event says what happened; a trait says how things are now, and that is what segments and letters are made of.
func completeModule(client analytics.Client, number, score int) error {
	completed := about(number).Set("score", score)
	if err := client.Enqueue(analytics.Track{UserId: learner, Event: "Module Completed", Properties: completed}); err != nil {
		return err
	}
	progress := analytics.NewTraits().Set("course_progress", 100*number/len(modules))
	return client.Enqueue(analytics.Identify{UserId: learner, Traits: progress})
}

func run() error {
	client, err := analytics.NewWithConfig(setting("MILLRACE_WRITE_KEY", "wk_web"), analytics.Config{
		Endpoint: setting("MILLRACE_URL", "http://127.0.0.1:8420"),
	})
	if err != nil {
		return err
	}
	defer client.Close() // Sends what is still queued.

	traits := analytics.NewTraits().SetEmail("eve@example.com").Set("course_progress", 0)
	if err := client.Enqueue(analytics.Identify{UserId: learner, Traits: traits}); err != nil {
		return err
	}
	if err := startModule(client, 1); err != nil {
		return err
	}
	if err := completeModule(client, 1, 87); err != nil {
		return err
	}
	return startModule(client, 2)
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
