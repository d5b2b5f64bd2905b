"""The few Kafka requests that tests need and kcat cannot make: creating a topic with a number of
partitions, and producing records with timestamps of our own. Milliseconds instead of a JVM."""

import socket
import struct
import zlib


class KafkaError(Exception):
    pass


def _string(text):
    data = text.encode()
    return struct.pack(">h", len(data)) + data


def _bytes(data):
    return struct.pack(">i", -1) if data is None else struct.pack(">i", len(data)) + data


class _Reader:
    """Reads the fields of a response in order."""

    def __init__(self, data):
        self._data = data
        self._at = 0

    def number(self, code):
        (value,) = struct.unpack_from(">" + code, self._data, self._at)
        self._at += struct.calcsize(">" + code)
        return value

    def string(self):
        length = self.number("h")
        if length < 0:
            return None
        self._at += length
        return self._data[self._at - length:self._at].decode()

    def array(self, item):
        return [item() for _ in range(self.number("i"))]


def _read_exactly(connection, size):
    data = b""
    while len(data) < size:
        chunk = connection.recv(size - len(data))
        if not chunk:
            raise KafkaError("the broker closed the connection")
        data += chunk
    return data


def _request(port, api, version, body, timeout):
    """Sends one request over a connection of its own and returns a reader of the response's body."""
    header = struct.pack(">hhi", api, version, 1) + _string("guardwatch-tests")
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.sendall(_bytes(header + body))
        (size,) = struct.unpack(">i", _read_exactly(connection, 4))
        return _Reader(_read_exactly(connection, size)[4:])


def partition_leaders(port, topic=None, timeout=5):
    """{topic: {partition: leader or -1}} of one topic, or of all when none is named (Metadata v1)."""
    names = struct.pack(">i", -1) if topic is None else struct.pack(">i", 1) + _string(topic)
    reader = _request(port, 3, 1, names, timeout)
    reader.array(lambda: (reader.number("i"), reader.string(), reader.number("i"), reader.string()))
    reader.number("i")  # Controller.

    def partition():
        error, index, leader = reader.number("h"), reader.number("i"), reader.number("i")
        reader.array(lambda: reader.number("i"))  # Replicas.
        reader.array(lambda: reader.number("i"))  # In-sync replicas.
        return index, leader if error == 0 else -1

    def entry():
        reader.number("h")
        name = reader.string()
        reader.number("b")
        return name, dict(reader.array(partition))

    return dict(reader.array(entry))


def brokers(port, timeout=5):
    """The ids of the brokers that are there (Metadata v1)."""
    reader = _request(port, 3, 1, struct.pack(">i", 0), timeout)
    return reader.array(lambda: (reader.number("i"), reader.string(), reader.number("i"), reader.string())[0])


def create_topic(port, topic, partitions, config=None, timeout=10, replicas=1):
    """Creates a topic (CreateTopics v2)."""
    settings = b"".join(_string(key) + _string(value) for key, value in (config or {}).items())
    body = (struct.pack(">i", 1) + _string(topic) + struct.pack(">ihi", partitions, replicas, 0)
            + struct.pack(">i", len(config or {})) + settings
            + struct.pack(">ib", int(timeout * 1000), 0))
    reader = _request(port, 19, 2, body, timeout + 5)
    reader.number("i")  # Throttled for.

    def result():
        return reader.string(), reader.number("h"), reader.string()

    for name, error, message in reader.array(result):
        if error != 0:
            raise KafkaError(f"creating topic {name}: error {error} {message or ''}")


_BATCH = 512 << 10  # Bytes: brokers take no batch of more than a mebibyte.


def produce(port, topic, partition, records, timeout=30):
    """Appends (timestamp in ms, key, value) records in order and returns the first one's offset;
    keys and values are bytes or None. (Produce v2 with message format 1: it carries timestamps and
    its checksum is the CRC-32 of the standard library; brokers up to 3.9 take it.)"""
    first, batch, size = None, [], 0
    for timestamp, key, value in records:
        payload = struct.pack(">bbq", 1, 0, timestamp) + _bytes(key) + _bytes(value)
        message = struct.pack(">I", zlib.crc32(payload)) + payload
        batch.append(struct.pack(">q", len(batch)) + _bytes(message))
        size += len(batch[-1])
        if size >= _BATCH:
            offset = _produce_batch(port, topic, partition, batch, timeout)
            first, batch, size = offset if first is None else first, [], 0
    if batch:
        offset = _produce_batch(port, topic, partition, batch, timeout)
        first = offset if first is None else first
    return first


def _produce_batch(port, topic, partition, messages, timeout):
    body = (struct.pack(">hi", -1, int(timeout * 1000))
            + struct.pack(">i", 1) + _string(topic)
            + struct.pack(">ii", 1, partition) + _bytes(b"".join(messages)))
    reader = _request(port, 0, 2, body, timeout + 5)

    def partition_result():
        return reader.number("i"), reader.number("h"), reader.number("q"), reader.number("q")

    def topic_result():
        return reader.string(), reader.array(partition_result)

    ((_, ((_, error, first_offset, _),)),) = reader.array(topic_result)
    if error != 0:
        raise KafkaError(f"producing to {topic}[{partition}]: error {error}")
    return first_offset
