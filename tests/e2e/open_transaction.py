"""A producer whose transaction stays open for as long as a test wants."""

import ctypes

_TIMEOUT_MS = 30_000
# Tags of the arguments of rd_kafka_producev, as librdkafka's header numbers them.
_END, _TOPIC, _PARTITION, _VALUE, _FLAGS, _TIMESTAMP, _COPY = 0, 1, 3, 4, 7, 8, 2


def _library():
    kafka = ctypes.CDLL("librdkafka.so.1")
    for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_init_transactions", "rd_kafka_begin_transaction",
                 "rd_kafka_commit_transaction", "rd_kafka_abort_transaction"):
        getattr(kafka, name).restype = ctypes.c_void_p
    kafka.rd_kafka_error_string.restype = ctypes.c_char_p
    return kafka


class OpenTransaction:
    """Has written (timestamp in ms, key, value) records to a partition in a transaction that `end` ends."""

    def __init__(self, broker, topic, partition, records):
        self._kafka = _library()
        text = ctypes.create_string_buffer(256)
        conf = ctypes.c_void_p(self._kafka.rd_kafka_conf_new())
        settings = {"bootstrap.servers": broker.address, "transactional.id": topic, "transaction.timeout.ms": "300000"}
        for name, value in settings.items():
            self._kafka.rd_kafka_conf_set(conf, name.encode(), value.encode(), text, len(text))
        self._client = ctypes.c_void_p(self._kafka.rd_kafka_new(0, conf, text, len(text)))
        if not self._client:
            raise RuntimeError(text.value.decode())
        self._check(self._kafka.rd_kafka_init_transactions(self._client, _TIMEOUT_MS))
        self._check(self._kafka.rd_kafka_begin_transaction(self._client))
        for timestamp, _, value in records:
            self._produce(topic, partition, timestamp, value)
        if self._kafka.rd_kafka_flush(self._client, _TIMEOUT_MS) != 0:
            raise RuntimeError("the records of the transaction did not arrive")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._kafka.rd_kafka_destroy(self._client)

    def _produce(self, topic, partition, timestamp, value):
        error = self._kafka.rd_kafka_producev(
            self._client, _TOPIC, ctypes.c_char_p(topic.encode()), _PARTITION, ctypes.c_int32(partition),
            _VALUE, ctypes.c_char_p(value), ctypes.c_size_t(len(value)), _FLAGS, _COPY,
            _TIMESTAMP, ctypes.c_int64(timestamp), _END)
        if error != 0:
            raise RuntimeError(f"producing failed: error {error}")

    def _check(self, error):
        if error:
            raise RuntimeError(self._kafka.rd_kafka_error_string(ctypes.c_void_p(error)).decode())

    def end(self, how):
        """`how` is commit or abort."""
        ending = getattr(self._kafka, f"rd_kafka_{how}_transaction")
        self._check(ending(self._client, _TIMEOUT_MS))
