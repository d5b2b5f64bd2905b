"""A receiver of alerts."""

import datetime
import http.server
import json
import threading
import time


class Receiver:
    """Takes alerts as an Alertmanager does, and remembers everything it was told."""

    def __init__(self):
        received = self.received = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.extend((time.time(), alert) for alert in json.loads(body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def transitions(self):
        """{(labels, state, time of the transition, pending since)}; each may have come many times."""
        found = set()
        for at, alert in list(self.received):
            labels = tuple(sorted(alert["labels"].items()))
            since = alert["annotations"]["since"]
            found.add((labels, "firing", alert["startsAt"], since))
            if datetime.datetime.fromisoformat(alert["endsAt"]).timestamp() <= at:
                found.add((labels, "resolved", alert["endsAt"], since))
        return found
