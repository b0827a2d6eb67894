#!/bin/sh
# Two people log in at the same computer, one after the other. Run it with: sh examples/log-in-and-log-out/curl.sh
set -eu

send() {
  curl -sS --fail-with-body -u "${MILLRACE_WRITE_KEY:-wk_web}:" -H 'content-type: application/json' \
    "${MILLRACE_URL:-http://127.0.0.1:8420}/v1/$1" -d "$2"
  echo
}

# Ada logs in, and out.
send identify '{ "userId": "user-101", "anonymousId": "browser-1",
  "traits": { "email": "ada@example.com", "name": "Ada Byron" } }'
send track '{ "userId": "user-101", "anonymousId": "browser-1",
  "event": "Signed In", "properties": { "username": "ada@example.com" } }'
send track '{ "userId": "user-101", "anonymousId": "browser-1",
  "event": "Signed Out", "properties": { "username": "ada@example.com" } }'

# Logging out ends the anonymousId too: whoever comes next has a new one, and turns out to be Bob.
send track '{ "anonymousId": "browser-2", "event": "Products Searched", "properties": { "query": "tea" } }'
send identify '{ "userId": "user-102", "anonymousId": "browser-2",
  "traits": { "email": "bob@example.com", "name": "Bob Noyce" } }'
send track '{ "userId": "user-102", "anonymousId": "browser-2",
  "event": "Signed In", "properties": { "username": "bob@example.com" } }'
