"""Real servers for the tests, as child processes on free ports with directories of their own.

    with KafkaBroker() as broker:
        broker.create_topic("guardrail.events", partitions=4)
        run(["guardwatchd", ...], env={"GUARDWATCH_TEST_BROKERS": broker.address})

A server is ready when its constructor's `start` returns, and is gone, by its own process id, when
the block is left, the interpreter ends, or the test dies (the kernel then kills it). Start servers
from a thread that lives as long as they shall.
"""

import atexit
import base64
import ctypes
import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

import kafka_wire

KAFKA_VERSION = "3.9.1"  # As scripts/kafka/pom.xml has it.

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class ServerError(Exception):
    """A server did not start, or ended by itself."""


class ServerMissing(ServerError):
    """What the server consists of is not installed; scripts/setup installs it."""


def dependencies():
    """Where scripts/setup puts what Debian does not have."""
    return os.environ.get("GUARDWATCH_DEPS") or os.path.expanduser("~/.cache/guardwatch")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# How many times longer than usual to wait: programs with sanitizers take ten times the time.
PATIENCE = float(os.environ.get("GUARDWATCH_PATIENCE", "1"))


def wait_until(condition, timeout, what, interval=0.05):
    """Polls until `condition()` is true and returns its value; raises TimeoutError after `timeout` s, times PATIENCE."""
    timeout *= PATIENCE
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {timeout} s still not: {what}")
        time.sleep(interval)


def _die_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Server:
    """A child process with a log file, a directory, and a way to tell that it is ready.

    A subclass gives `command()`, and `ready()`, which is polled and may raise OSError for "not yet".
    """

    name = "server"
    start_timeout = 120
    stop_timeout = 20
    environment = None  # As the test's own.

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix=f"guardwatch-{self.name}-")
        self.log_path = os.path.join(self.directory, "log")
        self.process = None
        atexit.register(self.close)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def command(self):
        raise NotImplementedError

    def ready(self):
        raise NotImplementedError

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def log(self):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def running(self):
        return self.process is not None and self.process.poll() is None

    def start(self):
        """Starts the process and returns when it is ready."""
        if self.running():
            return
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.command(), cwd=self.directory, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, preexec_fn=_die_with_parent,
                                            env=self.environment)
        try:
            wait_until(self._ready_or_ended, self.start_timeout, f"{self.name} ready")
        except (ServerError, TimeoutError) as error:
            self.kill()
            raise ServerError(f"{error}\n--- end of its log\n{self.log()[-4000:]}") from None

    def _ready_or_ended(self):
        if not self.running():
            raise ServerError(f"{self.name} ended with code {self.process.returncode} before it was ready")
        try:
            return self.ready()
        except (OSError, urllib.error.URLError, kafka_wire.KafkaError):
            return False

    def stop(self):
        """Asks the process to end, and makes it end if it does not. Its directory stays."""
        if not self.running():
            return
        self.process.terminate()
        try:
            self.process.wait(self.stop_timeout)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        """Ends the process as a crash would."""
        if self.running():
            self.process.kill()
            self.process.wait()

    def pause(self):
        """Keeps the process from running until `resume`; its connections stay."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def restart(self):
        """Stops and starts on the same ports and directory."""
        self.stop()
        self.start()

    def close(self):
        """Ends the process and deletes its directory (kept where GUARDWATCH_KEEP_LOGS is set)."""
        atexit.unregister(self.close)
        self.stop()
        if not os.environ.get("GUARDWATCH_KEEP_LOGS"):
            shutil.rmtree(self.directory, ignore_errors=True)


def _program(path):
    if not os.access(path, os.X_OK):
        raise ServerMissing(f"{path} is missing: run scripts/setup")
    return path


def _get(url, timeout=5):
    with urllib.request.urlopen(url, timeout=timeout) as response:
        return response.read()


class KafkaBroker(Server):
    """Apache Kafka: one node, broker and controller. `address` is its host:port.

    Retention is off and any record timestamp is accepted, because event time is not wall time. A broker
    that `joins` another one has its controller, and no other.
    """

    name = "kafka"

    def __init__(self, heap="512m", properties=None, joins=None):
        super().__init__()
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        # What `StorageTool random-uuid` prints, without starting a JVM for it. An id that starts with a dash
        # reads as an option.
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        self._cluster = joins._cluster if joins else "A" + cluster[1:]
        self._heap = heap
        self._jars = os.path.join(dependencies(), f"kafka-{KAFKA_VERSION}")
        if not glob.glob(os.path.join(self._jars, "kafka_*.jar")):
            self.close()
            raise ServerMissing(f"Kafka's jars are missing in {self._jars}: run scripts/setup")
        self._java = shutil.which("java")
        if not self._java:
            self.close()
            raise ServerMissing("java is missing: run scripts/setup")
        self._properties = (self._default_properties(free_port()) | (joins.as_member(self.address) if joins else {})
                            | (properties or {}))

    def _default_properties(self, controller_port):
        return {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{controller_port}",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": self.path("data"),
            "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 4,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 4,
            "group.initial.rebalance.delay.ms": 0,
            "log.retention.ms": -1,
            "log.message.timestamp.type": "CreateTime",
            "log.message.timestamp.before.max.ms": 2**63 - 1,
            "log.message.timestamp.after.max.ms": 2**63 - 1,
            "log.cleaner.dedupe.buffer.size": 4 << 20,
            # After a kill the new process is let in only when the old one's session has run out.
            "broker.session.timeout.ms": 2000,
            "broker.heartbeat.interval.ms": 250,
        }

    def as_member(self, address):
        """What the second broker of this one's cluster has in other ways, if it listens at `address`."""
        return {
            "process.roles": "broker",
            "node.id": 2,
            "controller.quorum.voters": self._properties["controller.quorum.voters"],
            "listeners": f"PLAINTEXT://{address}",
        }

    def _java_command(self, heap, main_class, *arguments):
        return [self._java, f"-Xmx{heap}", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp", os.path.join(self._jars, "*"), main_class, *arguments]

    def command(self):
        return self._java_command(self._heap, "kafka.Kafka", self.path("server.properties"))

    def start(self):
        if not os.path.exists(self.path("data")):
            self._format()
        super().start()

    def _format(self):
        lines = "".join(f"{key}={value}\n" for key, value in self._properties.items())
        properties = self.write("server.properties", lines)
        done = subprocess.run(
            self._java_command("128m", "kafka.tools.StorageTool", "format", "-t", self._cluster, "-c", properties),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60)
        if done.returncode != 0:
            raise ServerError(f"formatting Kafka's storage failed: {done.stdout}{done.stderr}")

    def ready(self):
        kafka_wire.partition_leaders(self.port)
        return True

    def create_topic(self, name, partitions=1, config=None, replicas=1):
        """Returns when every partition has a leader. `config` are topic settings, e.g. retention.ms."""
        kafka_wire.create_topic(self.port, name, partitions, config, replicas=replicas)

        def led():
            leaders = kafka_wire.partition_leaders(self.port, name)[name]
            return len(leaders) == partitions and all(leader >= 0 for leader in leaders.values())

        wait_until(led, 30, f"topic {name} has leaders", interval=0.02)

    def produce(self, topic, partition, records):
        """Appends (timestamp in ms, key, value) records; returns the offset of the first."""
        offsets = []

        def produced():
            try:
                offsets.append(kafka_wire.produce(self.port, topic, partition, records))
            except kafka_wire.KafkaError as error:
                # A new partition's leader is known a moment before it takes records.
                if "error 6" not in str(error):
                    raise
            return bool(offsets)

        wait_until(produced, 30, f"{topic}[{partition}] takes records")
        return offsets[0]

    def dump(self, topic):
        """All records of a topic as kcat's JSON envelopes (topic, partition, offset, ts, key, payload)."""
        done = subprocess.run(["kcat", "-q", "-C", "-b", self.address, "-t", topic, "-o", "beginning", "-e", "-J"],
                              stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=120)
        # Not every payload is UTF-8; what is not comes back by encoding with "surrogateescape".
        return [json.loads(line) for line in done.stdout.decode("utf-8", "surrogateescape").split("\n") if line]


class Prometheus(Server):
    """Prometheus with the given configuration text. `url` is its base URL."""

    name = "prometheus"

    def __init__(self, config_text):
        super().__init__()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._config = self.write("prometheus.yml", config_text)

    def command(self):
        return [_program("/usr/bin/prometheus"), f"--config.file={self._config}",
                f"--storage.tsdb.path={self.path('data')}",
                f"--web.listen-address=127.0.0.1:{self.port}", "--web.enable-lifecycle"]

    def ready(self):
        return bool(_get(self.url + "/-/ready"))

    def get(self, path, **parameters):
        """The `data` of an API answer, e.g. get("/api/v1/targets")."""
        query = urllib.parse.urlencode({key: value for key, value in parameters.items() if value is not None})
        return json.loads(_get(f"{self.url}{path}?{query}"))["data"]

    def query(self, expr, at=None):
        """The result list of an instant query; `at` is a Unix time or RFC 3339, by default now."""
        return self.get("/api/v1/query", query=expr, time=at)["result"]


class Alertmanager(Server):
    """Alertmanager with one silent receiver, or with the given configuration text."""

    name = "alertmanager"

    def __init__(self, config_text="route: {receiver: none}\nreceivers: [{name: none}]\n"):
        super().__init__()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._config = self.write("alertmanager.yml", config_text)

    def command(self):
        return [_program("/usr/bin/prometheus-alertmanager"), f"--config.file={self._config}",
                f"--storage.path={self.path('data')}", "--cluster.listen-address=",
                f"--web.listen-address=127.0.0.1:{self.port}"]

    def ready(self):
        return bool(_get(self.url + "/-/ready"))

    def alerts(self):
        """All alerts that it holds, as its API v2 gives them."""
        return json.loads(_get(self.url + "/api/v2/alerts"))
