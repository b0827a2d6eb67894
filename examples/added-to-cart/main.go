// A shop's server where people put things into their cart. Run it in the folder examples with: go run ./added-to-cart
package main

import (
	"log"
	"os"

	"github.com/segmentio/analytics-go/v3"
)

type product struct {
	id, sku, category, name string
	price                   float64
}

func addToCart(client analytics.Client, userID, cartID string, added product, quantity int) error {
	return client.Enqueue(analytics.Track{
		UserId: userID,
		Event:  "Product Added",
		Properties: analytics.NewProperties().
			Set("cart_id", cartID).
			Set("product_id", added.id). // SetProductId writes "id", which is not the standard name.
			SetSKU(added.sku).
			SetCategory(added.category).
			SetName(added.name).
			SetPrice(added.price).
			Set("quantity", quantity),
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

	const shopper, cart = "user-201", "cart-7"
	err = client.Enqueue(analytics.Identify{
		UserId: shopper,
		Traits: analytics.NewTraits().SetEmail("cara@example.com"),
	})
	if err != nil {
		return err
	}
	sencha := product{"p-3", "TEA-003", "Tea", "Sencha 100 g", 8.5}
	cup := product{"p-9", "CUP-009", "Cups", "Stoneware cup", 14}
	if err := addToCart(client, shopper, cart, sencha, 2); err != nil {
		return err
	}
	return addToCart(client, shopper, cart, cup, 1)
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
