"""Brokers that go away, and a network that cuts, freezes and creeps: nothing is lost or counted twice."""

import sys
import unittest

from counting import LONG, CountingTest
from proxy import Proxy
import kafka_wire
import servers
from streams import EVENTS, LABEL_PARTITIONS, LABELS, PARTITIONS

EVENTS_OF_A_PART = 20_000 if LONG else 4_000
AWAY = 180 if LONG else 20  # Seconds for which all brokers are gone.


class ProxiedBroker(servers.KafkaBroker):
    """Tells its clients to come through a proxy; the test itself goes around it."""

    def __init__(self):
        self._port_behind = servers.free_port()
        self.proxy = Proxy(self._port_behind)
        super().__init__()

    def _default_properties(self, controller_port):
        defaults = super()._default_properties(controller_port)
        return defaults | {
            "listeners": f"{defaults['listeners']},PROXIED://127.0.0.1:{self._port_behind}",
            "advertised.listeners": f"{defaults['advertised.listeners']},PROXIED://{self.proxy.address}",
            "listener.security.protocol.map": defaults["listener.security.protocol.map"] + ",PROXIED:PLAINTEXT"}


class NetworkTest(CountingTest):
    @classmethod
    def start_kafka(cls):
        return ProxiedBroker()

    def setUp(self):
        super().setUp()
        self.config["sources"][0]["idle_timeout"] = "60s"
        self.kafka.proxy.set("pass")
        self.end = self.start
        self.total = 0

    def address(self):
        return self.kafka.proxy.address

    def part(self):
        """The next part of the stream."""
        part = self.stream(EVENTS_OF_A_PART, self.end)
        self.end = part.end
        self.total += part.records
        return part

    def all_read(self, daemon):
        self.wait_for(lambda: daemon.records_read() == self.total, "everything read", 120)

    def held_up(self, daemon, what):
        """A part is produced while the daemon cannot read it, which it says."""
        self.part().produce(self.kafka, 0)
        self.wait_for(lambda: not daemon.is_ready(), f"not ready with {what}")
        self.assertLess(daemon.records_read(), self.total)

    def test_a_network_that_cuts_freezes_and_creeps(self):
        daemon = self.daemon(state=self.folder / "state")
        self.part().produce(self.kafka, 0)
        self.all_read(daemon)

        self.kafka.proxy.set("reset")
        self.held_up(daemon, "a network that is cut")
        self.kafka.proxy.set("slow")
        self.wait_for(daemon.is_ready, "ready on a slow network", 600 if LONG else 90)
        self.all_read(daemon)

        self.kafka.proxy.set("frozen")
        self.held_up(daemon, "a network that is frozen")
        self.assertNotIn("idle", {log["state"] for log in daemon.source()["logs"]})
        daemon.kill()
        daemon.start()
        self.kafka.proxy.set("pass")
        self.all_read(daemon)
        self.finish(daemon, self.end)

    def test_all_brokers_gone_for_long(self):
        """Killed, and then stopped in the middle of everything, which looks like a frozen machine."""
        daemon = self.daemon(state=self.folder / "state")
        self.part().produce(self.kafka, 0)
        self.all_read(daemon)

        part = self.part()
        self.kafka.kill()
        self.wait_for(lambda: not daemon.is_ready(), "not ready without a broker")
        self.stays(daemon, AWAY)
        self.kafka.start()
        part.produce(self.kafka, 0)
        self.all_read(daemon)
        self.assertTrue(daemon.is_ready())

        self.part().produce(self.kafka, 0)
        self.addCleanup(self.kafka.resume)
        self.kafka.pause()  # In the middle of what the daemon reads.
        self.wait_for(lambda: not daemon.is_ready(), "not ready with a broker that does not answer")
        self.stays(daemon, AWAY // 4)
        self.kafka.resume()
        self.part().produce(self.kafka, 0)
        self.all_read(daemon)
        self.finish(daemon, self.end)

    def stays(self, daemon, seconds):
        """For so long it serves, says that it is not ready, and seals nothing."""
        sealed = daemon.source()["sealed_through"]
        try:
            servers.wait_until(lambda: daemon.is_ready() or daemon.source()["sealed_through"] != sealed, seconds, "", 0.5)
        except TimeoutError:
            return
        self.fail("it went on without a broker")


class Cluster:
    """Two brokers, each of which has every partition. What is written goes to its leader, until it is taken."""

    def __init__(self):
        self.first = servers.KafkaBroker()
        self.second = servers.KafkaBroker(joins=self.first)
        self.address = self.first.address

    def __enter__(self):
        self.first.start()
        self.second.start()
        return self

    def __exit__(self, *_):
        self.second.close()
        self.first.close()

    def brokers(self):
        return len(kafka_wire.brokers(self.first.port))

    def create_topic(self, name, partitions):
        servers.wait_until(lambda: self.brokers() == 2, 30, "both brokers are there")
        self.first.create_topic(name, partitions, replicas=2)

    def leaders(self, topic):
        return kafka_wire.partition_leaders(self.first.port, topic)[topic]

    def produce(self, topic, partition, records):
        """A batch whose answer is lost is written again: what the log then holds is what counts."""
        def produced():
            node = {1: self.first, 2: self.second}.get(self.leaders(topic)[partition])
            try:
                return node and kafka_wire.produce(node.port, topic, partition, records, timeout=5) >= 0
            except (OSError, kafka_wire.KafkaError):
                return False

        servers.wait_until(produced, 60, f"{topic}[{partition}] takes records")

    def dump(self, topic):
        return self.first.dump(topic)


class LeaderTest(CountingTest):
    """The broker that leads half of the partitions is killed; the other one takes over, and later gives back."""

    @classmethod
    def start_kafka(cls):
        return Cluster()

    def led_by(self, node):
        return [(topic, partition) for topic in (self.prefix + EVENTS, self.prefix + LABELS)
                for partition, leader in self.kafka.leaders(topic).items() if leader == node]

    def test_the_leader_of_partitions_is_killed(self):
        self.assertEqual(len(self.led_by(1) + self.led_by(2)), PARTITIONS + LABEL_PARTITIONS)
        self.assertTrue(self.led_by(2))
        daemon = self.daemon(state=self.folder / "state")
        stream = self.stream(3 * EVENTS_OF_A_PART)
        feeding = stream.produce_in_background(self.kafka, 6)
        self.wait_for(lambda: daemon.records_read() > stream.records / 4, "a part read")
        self.kafka.second.kill()
        self.wait_for(lambda: not self.led_by(2), "other leaders")
        feeding.join()
        produced = self.produced()
        self.wait_for(lambda: daemon.records_read() == produced, "everything read", 120)
        self.assertTrue(daemon.is_ready())
        self.kafka.second.start()
        self.finish(daemon, stream.end)
        self.assertEqual(daemon.metric("guardwatch_log_resets_total"), 0)


if __name__ == "__main__":
    CountingTest.guardwatchd, CountingTest.guardwatchctl = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
