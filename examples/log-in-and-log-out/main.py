"""A web server where people log in and out. Run it with: python examples/log-in-and-log-out/main.py"""
import os

import segment.analytics as analytics

analytics.write_key = os.environ.get("MILLRACE_WRITE_KEY", "wk_web")
analytics.host = os.environ.get("MILLRACE_URL", "http://127.0.0.1:8420")


# The anonymous_id is that of the browser, from its cookie ajs_anonymous_id.
def log_in(user, anonymous_id):
    traits = {"email": user["email"], "name": user["name"]}
    analytics.identify(user["id"], traits, anonymous_id=anonymous_id)
    analytics.track(user["id"], "Signed In", {"username": user["email"]}, anonymous_id=anonymous_id)


def log_out(user, anonymous_id):
    analytics.track(user["id"], "Signed Out", {"username": user["email"]}, anonymous_id=anonymous_id)
    # What comes now is somebody else's: clear that cookie with the session, so that the next id is a new one.


def search(query, anonymous_id):
    analytics.track(event="Products Searched", properties={"query": query}, anonymous_id=anonymous_id)


ada = {"id": "user-101", "email": "ada@example.com", "name": "Ada Byron"}
bob = {"id": "user-102", "email": "bob@example.com", "name": "Bob Noyce"}

log_in(ada, "browser-1")
log_out(ada, "browser-1")
# The same computer, after the cookie was cleared.
search("tea", "browser-2")
log_in(bob, "browser-2")

analytics.shutdown()
