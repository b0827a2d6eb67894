#!/bin/sh
# Somebody puts two products into a cart. Run it with: sh examples/added-to-cart/curl.sh
set -eu

send() {
  curl -sS --fail-with-body -u "${MILLRACE_WRITE_KEY:-wk_web}:" -H 'content-type: application/json' \
    "${MILLRACE_URL:-http://127.0.0.1:8420}/v1/$1" -d "$2"
  echo
}

send identify '{ "userId": "user-201", "traits": { "email": "cara@example.com" } }'
send track '{ "userId": "user-201", "event": "Product Added",
  "properties": { "cart_id": "cart-7", "product_id": "p-3", "sku": "TEA-003", "category": "Tea",
    "name": "Sencha 100 g", "price": 8.5, "quantity": 2 } }'
send track '{ "userId": "user-201", "event": "Product Added",
  "properties": { "cart_id": "cart-7", "product_id": "p-9", "sku": "CUP-009", "category": "Cups",
    "name": "Stoneware cup", "price": 14, "quantity": 1 } }'
