"""An online school that follows its learners. Run it with: python examples/course-module-progress/main.py"""
import os

import segment.analytics as analytics

analytics.write_key = os.environ.get("MILLRACE_WRITE_KEY", "wk_web")
analytics.host = os.environ.get("MILLRACE_URL", "http://127.0.0.1:8420")

learner = {"id": "user-401", "email": "eve@example.com"}
course = {"id": "course-sql", "name": "SQL for analysts", "modules": ["Select", "Join"]}


def about(number):
    return {
        "course_id": course["id"],
        "course_name": course["name"],
        "module_number": number,
        "module_name": course["modules"][number - 1],
    }


def start_module(number):
    analytics.track(learner["id"], "Module Started", about(number))


def complete_module(number, score):
    analytics.track(learner["id"], "Module Completed", {**about(number), "score": score})
    # An event says what happened; a trait says how things are now, and that is what segments and letters are made of.
    percent = round(100 * number / len(course["modules"]))
    analytics.identify(learner["id"], {"course_progress": percent})


analytics.identify(learner["id"], {"email": learner["email"], "course_progress": 0})
start_module(1)
complete_module(1, 87)
start_module(2)

analytics.shutdown()
