"""guardwatchd and guardwatchctl as the tests start them."""

import contextlib
import json
import pathlib
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
sys.path.insert(0, str(ROOT / "tests" / "oracle"))

import servers  # noqa: E402


class Daemon(servers.Server):
    """guardwatchd with a configuration given as a dict. Started when /-/healthy answers.

    `state` is a directory that outlives it, if it is to have one.
    """

    name = "guardwatchd"

    def __init__(self, program, config, port=None, state=None, environment=None):
        super().__init__()
        self.program = program
        self.state = state
        self.environment = environment
        self.port = port or servers.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.configure(config)

    def configure(self, config):
        self.config_file = self.write("guardwatch.yaml", json.dumps(config))

    def command(self):
        storage = [f"--storage.path={self.state}"] if self.state else []
        return [self.program, f"--config.file={self.config_file}", f"--web.listen-address=127.0.0.1:{self.port}",
                *storage]

    def ready(self):
        return self.get("/-/healthy")[0] == 200

    def request(self, path, method="GET"):
        request = urllib.request.Request(self.url + path, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with contextlib.closing(error):
                return error.code, error.read().decode()

    def get(self, path):
        return self.request(path)

    def is_ready(self):
        return self.get("/-/ready")[0] == 200

    def api(self, endpoint, **parameters):
        status, body = self.get(f"/api/v1/{endpoint}?{urllib.parse.urlencode(parameters)}")
        if status != 200:
            raise AssertionError(f"{endpoint} {parameters}: {status} {body}")
        return json.loads(body)

    def status(self):
        return self.api("status")

    def source(self):
        return self.status()["sources"][0]

    def accepted(self):
        return sum(sum(log["counters"]["accepted"].values()) for log in self.source()["logs"])

    def records_read(self):
        return sum(max(0, log["next_offset"]) for log in self.source()["logs"])

    def metrics(self):
        return self.get("/metrics")[1]

    def metric(self, name):
        """The sum of a metric's samples."""
        lines = (line for line in self.metrics().splitlines() if line.split("{")[0].split(" ")[0] == name)
        return sum(float(line.rpartition(" ")[2]) for line in lines)

    def findings(self):
        return {finding["kind"]: finding for finding in self.api("findings")["findings"]}

    def alerts(self, state):
        return [alert for alert in self.api("alerts")["alerts"] if alert["state"] == state]


def run(program, *arguments, timeout=120):
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                          stdin=subprocess.DEVNULL)


def source(kafka=None, prefix="", **more):
    """A source that reads guardrail.events and guardrail.labels, with limits that tests can wait for."""
    topics = [f"{prefix}guardrail.events", {"name": f"{prefix}guardrail.labels", "carries": ["labels"]}]
    reader = {"kafka": {"brokers": [kafka or "127.0.0.1:1"], "topics": topics, "start": "earliest"}}
    return {"name": "gateway", **reader, "cohorts": ["lang", "tier"], "label_horizon": "30m",
            "label_lateness": "2m", **more}
