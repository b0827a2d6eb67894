"""Makes calls with a public client, as an application does.

    python send_calls.py PACKAGE HOST WRITE_KEY OPTIONS

Each line of the standard input is a JSON list of {"method", "parameters"}. When the client has no more to do for them,
one line goes out: a JSON list of the messageIds that it reported as failed.
"""

import importlib
import json
import logging
import sys
from datetime import datetime

ARGUMENTS = {
    "userId": "user_id",
    "anonymousId": "anonymous_id",
    "groupId": "group_id",
    "previousId": "previous_id",
    "messageId": "message_id",
}


def main(package, host, write_key, options):
    failed = []

    def on_error(error, batch):
        failed.extend(message["messageId"] for message in batch)

    logging.disable(logging.CRITICAL)
    client_class = importlib.import_module(package).Client
    client = client_class(write_key, host=host, on_error=on_error, **json.loads(options))
    for line in sys.stdin:
        failed.clear()
        for call in json.loads(line):
            arguments = {ARGUMENTS.get(name, name): value for name, value in call["parameters"].items()}
            if "timestamp" in arguments:
                arguments["timestamp"] = datetime.fromisoformat(arguments["timestamp"].replace("Z", "+00:00"))
            getattr(client, call["method"])(**arguments)
        client.flush()
        print(json.dumps(failed), flush=True)
    client.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])
