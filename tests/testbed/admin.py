"""Kafka's administrator and a plain reader and writer, on PyPI's confluent-kafka.

Only the integration tests use this: it is the one part of the testbed outside the standard library.
"""

import time
from dataclasses import dataclass

from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from .broker import AGENT, SINK, Broker, User

_SECONDS = 20


@dataclass(frozen=True)
class Record:
    """A message to write."""

    value: bytes
    key: bytes | None = None
    headers: tuple = ()
    partition: int = 0


class Admin:
    """Talks to the broker's loopback listener without a login, as super user."""

    def __init__(self, broker: Broker):
        # It is alive while tests kill the broker: nothing to tell on standard error.
        self._address = {"bootstrap.servers": broker.admin_address, "log_level": 0}
        self._client = AdminClient(self._address)

    def create_topic(self, *names: str, partitions: int = 3) -> None:
        config = {"message.timestamp.type": "LogAppendTime"}
        topics = [NewTopic(name, partitions, 1, config=config) for name in names]
        self._all(self._client.create_topics(topics))

    def delete_topic(self, *names: str) -> None:
        self._all(self._client.delete_topics(list(names)))

    def grant(self, user: User, operation: AclOperation, topic: str) -> None:
        self._all(self._client.create_acls([_acl(user, operation, topic)]))

    def grant_prefix(self, prefix: str) -> None:
        """The agent may write to, the sink may read all topics and groups that begin so."""
        prefixed = ResourcePatternType.PREFIXED
        self._all(self._client.create_acls([
            _acl(AGENT, AclOperation.WRITE, prefix, pattern=prefixed),
            _acl(AGENT, AclOperation.DESCRIBE, prefix, pattern=prefixed),
            _acl(SINK, AclOperation.READ, prefix, pattern=prefixed),
            _acl(SINK, AclOperation.READ, prefix, ResourceType.GROUP, prefixed),
        ]))

    def write(self, topic: str, records: list[Record]) -> None:
        """Writes them in order and waits until all are acknowledged."""
        failed = []
        producer = Producer(self._address | {"linger.ms": 5, "acks": "all"})
        for record in records:
            producer.produce(topic, record.value, record.key, record.partition,
                             headers=list(record.headers),
                             on_delivery=lambda error, _: error and failed.append(error))
            producer.poll(0)
        left = producer.flush(_SECONDS)
        if left or failed:
            raise RuntimeError(f"{left} records not acknowledged, errors: {failed[:3]}")

    def read(self, topic: str, login: dict | None = None) -> list[Message]:
        """Everything in the topic, partition by partition. `login`: properties to connect with."""
        reader = Consumer((login or self._address) | {
            "group.id": "picket.reader", "enable.auto.commit": False,
            "enable.partition.eof": True})
        try:
            unfinished = set(reader.list_topics(topic, timeout=_SECONDS).topics[topic].partitions)
            reader.assign([TopicPartition(topic, number, 0) for number in unfinished])
            messages: list[Message] = []
            deadline = time.monotonic() + _SECONDS
            while unfinished:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"no end of partitions {unfinished} of {topic}")
                for message in reader.consume(1000, 0.2):
                    error = message.error()
                    if error is None:
                        messages.append(message)
                    elif error.code() == KafkaError._PARTITION_EOF:
                        unfinished.discard(message.partition())
                    elif error.code() > 0:  # the broker's word; librdkafka retries its own errors
                        raise KafkaException(error)
            return sorted(messages, key=lambda m: (m.partition(), m.offset()))
        finally:
            reader.close()

    @staticmethod
    def _all(futures: dict) -> None:
        for future in futures.values():
            future.result(_SECONDS)


def _acl(user: User, operation: AclOperation, name: str,
         kind: ResourceType = ResourceType.TOPIC,
         pattern: ResourcePatternType = ResourcePatternType.LITERAL) -> AclBinding:
    return AclBinding(kind, name, pattern, f"User:{user.name}", "*", operation,
                      AclPermissionType.ALLOW)
