"""A shop's server where people put things into their cart. Run it with: python examples/added-to-cart/main.py"""
import os

import segment.analytics as analytics

analytics.write_key = os.environ.get("MILLRACE_WRITE_KEY", "wk_web")
analytics.host = os.environ.get("MILLRACE_URL", "http://127.0.0.1:8420")

shopper = {"id": "user-201", "email": "cara@example.com"}
cart = {"id": "cart-7"}


def add_to_cart(product, quantity):
    analytics.track(shopper["id"], "Product Added", {"cart_id": cart["id"], **product, "quantity": quantity})


sencha = {"product_id": "p-3", "sku": "TEA-003", "category": "Tea", "name": "Sencha 100 g", "price": 8.5}
cup = {"product_id": "p-9", "sku": "CUP-009", "category": "Cups", "name": "Stoneware cup", "price": 14}

analytics.identify(shopper["id"], {"email": shopper["email"]})
add_to_cart(sencha, 2)
add_to_cart(cup, 1)

analytics.shutdown()
