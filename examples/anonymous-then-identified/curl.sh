#!/bin/sh
# A visitor looks around, then gives a name. Run it with: sh examples/anonymous-then-identified/curl.sh
set -eu

send() {
  curl -sS --fail-with-body -u "${MILLRACE_WRITE_KEY:-wk_web}:" -H 'content-type: application/json' \
    "${MILLRACE_URL:-http://127.0.0.1:8420}/v1/$1" -d "$2"
  echo
}

# Nobody is known yet.
send track '{ "anonymousId": "browser-5", "event": "Product Viewed",
  "properties": { "product_id": "p-3", "name": "Sencha 100 g", "price": 8.5 } }'
send track '{ "anonymousId": "browser-5", "event": "Product Added",
  "properties": { "product_id": "p-3", "name": "Sencha 100 g", "price": 8.5, "cart_id": "cart-8", "quantity": 1 } }'

# Now they sign up. One identify with both ids joins what was before to what comes after.
send identify '{ "userId": "user-501", "anonymousId": "browser-5", "traits": { "email": "finn@example.com" } }'
send track '{ "userId": "user-501", "anonymousId": "browser-5", "event": "Order Completed",
  "properties": { "order_id": "order-31", "total": 8.5, "currency": "EUR",
    "products": [{ "product_id": "p-3", "name": "Sencha 100 g", "price": 8.5, "quantity": 1 }] } }'
