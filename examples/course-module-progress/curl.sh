#!/bin/sh
# A learner finishes the first module of a course and begins the second. Run it with:
#   sh examples/course-module-progress/curl.sh
set -eu

send() {
  curl -sS --fail-with-body -u "${MILLRACE_WRITE_KEY:-wk_web}:" -H 'content-type: application/json' \
    "${MILLRACE_URL:-http://127.0.0.1:8420}/v1/$1" -d "$2"
  echo
}

send identify '{ "userId": "user-401", "traits": { "email": "eve@example.com", "course_progress": 0 } }'
send track '{ "userId": "user-401", "event": "Module Started",
  "properties": { "course_id": "course-sql", "course_name": "SQL for analysts",
    "module_number": 1, "module_name": "Select" } }'
send track '{ "userId": "user-401", "event": "Module Completed",
  "properties": { "course_id": "course-sql", "course_name": "SQL for analysts",
    "module_number": 1, "module_name": "Select", "score": 87 } }'

# An event says what happened; a trait says how things are now, and that is what segments and letters are made of.
send identify '{ "userId": "user-401", "traits": { "course_progress": 50 } }'
send track '{ "userId": "user-401", "event": "Module Started",
  "properties": { "course_id": "course-sql", "course_name": "SQL for analysts",
    "module_number": 2, "module_name": "Join" } }'
