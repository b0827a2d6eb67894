// A shop's server: a visitor looks around, then gives a name. Run it in the folder examples with:
//
//	go run ./anonymous-then-identified
package main

import (
	"log"
	"os"

	"github.com/segmentio/analytics-go/v3"
)

// A new map for each event: the setters change the map that they are called on. Set is used for the ids, because
// SetProductId and SetOrderId write "id" and "orderId", which are not the standard names.
func sencha() analytics.Properties {
	return analytics.NewProperties().Set("product_id", "p-3").SetName("Sencha 100 g").SetPrice(8.5)
}

func run() error {
	client, err := analytics.NewWithConfig(setting("MILLRACE_WRITE_KEY", "wk_web"), analytics.Config{
		Endpoint: setting("MILLRACE_URL", "http://127.0.0.1:8420"),
	})
	if err != nil {
		return err
	}
	defer client.Close() // Sends what is still queued.

	// The visitor is the anonymousId of the browser, from its cookie ajs_anonymous_id.
	const visitor, userID = "browser-5", "user-501"
	messages := []analytics.Message{
		// Nobody is known yet.
		analytics.Track{AnonymousId: visitor, Event: "Product Viewed", Properties: sencha()},
		analytics.Track{
			AnonymousId: visitor,
			Event:       "Product Added",
			Properties:  sencha().Set("cart_id", "cart-8").Set("quantity", 1),
		},
		// Now they sign up. One identify with both ids joins what was before to what comes after.
		analytics.Identify{
			UserId:      userID,
			AnonymousId: visitor,
			Traits:      analytics.NewTraits().SetEmail("finn@example.com"),
		},
		analytics.Track{
			UserId:      userID,
			AnonymousId: visitor,
			Event:       "Order Completed",
			Properties: analytics.NewProperties().
				Set("order_id", "order-31").
				SetTotal(8.5).
				SetCurrency("EUR").
				Set("products", []analytics.Properties{sencha().Set("quantity", 1)}),
		},
	}
	for _, message := range messages {
		if err := client.Enqueue(message); err != nil {
			return err
		}
	}
	return nil
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
