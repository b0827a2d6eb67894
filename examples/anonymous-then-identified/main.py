"""A shop's server: a visitor looks around, then gives a name.

Run it with: python examples/anonymous-then-identified/main.py
"""
import os

import segment.analytics as analytics

analytics.write_key = os.environ.get("MILLRACE_WRITE_KEY", "wk_web")
analytics.host = os.environ.get("MILLRACE_URL", "http://127.0.0.1:8420")

# Nobody is known yet. The anonymous_id is that of the browser, from its cookie ajs_anonymous_id.
visitor = "browser-5"
sencha = {"product_id": "p-3", "name": "Sencha 100 g", "price": 8.5}

analytics.track(event="Product Viewed", properties=sencha, anonymous_id=visitor)
analytics.track(
    event="Product Added", properties={**sencha, "cart_id": "cart-8", "quantity": 1}, anonymous_id=visitor
)

# Now they sign up. One identify with both ids joins what was before to what comes after.
user_id = "user-501"
analytics.identify(user_id, {"email": "finn@example.com"}, anonymous_id=visitor)
analytics.track(
    user_id,
    "Order Completed",
    {"order_id": "order-31", "total": 8.5, "currency": "EUR", "products": [{**sencha, "quantity": 1}]},
    anonymous_id=visitor,
)

analytics.shutdown()
