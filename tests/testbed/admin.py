"""Kafka's administrator and a plain reader and writer, on PyPI's confluent-kafka.

Only the integration tests use this: it is the one part of the testbed outside the standard library.
"""

import time
from dataclasses import dataclass

from confluent_kafka import (
    Consumer,
    ElectionType,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from .broker import AGENT, SINK, Broker, User
from .cluster import Cluster

_SECONDS = 20


@dataclass(frozen=True)
class Record:
    """A message to write."""

    value: bytes
    key: bytes | None = None
    headers: tuple = ()
    partition: int = 0


class Admin:
    """Administers a cluster: the testbed's as super user, on its loopback listener."""

    def __init__(self, broker: Broker | Cluster | None, login: dict | None = None):
        """`login`: properties of librdkafka that lead to a cluster that is not the testbed's."""
        # It is alive while tests kill the broker: nothing to tell on standard error.
        self._address = (login or {"bootstrap.servers": broker.admin_address}) | {"log_level": 0}
        self._client = AdminClient(self._address)

    def create_topic(self, *names: str, partitions: int = 3, **config: str) -> None:
        """`config`: properties of the topics, with '_' for '.'; copies: as many as the cluster's
        default says."""
        config = {"message.timestamp.type": "LogAppendTime",
                  **{name.replace("_", "."): value for name, value in config.items()}}
        topics = [NewTopic(name, partitions, -1, config=config) for name in names]
        self._all(self._client.create_topics(topics))

    def delete_topic(self, *names: str) -> None:
        self._all(self._client.delete_topics(list(names)))

    def grant(self, user: User, operation: AclOperation, topic: str) -> None:
        self._all(self._client.create_acls([_acl(user, operation, topic)]))

    def grant_group(self, user: User, group: str) -> None:
        """The user may be a member of the group."""
        self._all(self._client.create_acls([_acl(user, AclOperation.READ, group, ResourceType.GROUP)]))

    def grant_prefix(self, prefix: str) -> None:
        """The agent may write to, the sink may read all topics and groups that begin so."""
        prefixed = ResourcePatternType.PREFIXED
        self._all(self._client.create_acls([
            _acl(AGENT, AclOperation.WRITE, prefix, pattern=prefixed),
            _acl(AGENT, AclOperation.DESCRIBE, prefix, pattern=prefixed),
            _acl(SINK, AclOperation.READ, prefix, pattern=prefixed),
            _acl(SINK, AclOperation.READ, prefix, ResourceType.GROUP, prefixed),
        ]))

    def forbid(self, user: User, topic: str) -> None:
        """Whatever else was granted, the user may no longer write to the topic."""
        self._all(self._client.create_acls([_forbidden(user, topic)]))

    def permit(self, user: User, topic: str) -> None:
        """Ends `forbid`."""
        acl = _forbidden(user, topic)
        self._all(self._client.delete_acls([AclBindingFilter(
            acl.restype, acl.name, acl.resource_pattern_type, acl.principal, acl.host,
            acl.operation, acl.permission_type)]))

    def leaders(self, topic: str) -> list[int]:
        """The leading broker of each partition; -1 for none."""
        return [partition.leader for partition in self._partitions(topic)]

    def in_sync(self, topic: str) -> bool:
        """Whether all copies of all partitions are up to date."""
        return all(set(partition.isrs) == set(partition.replicas)
                   for partition in self._partitions(topic))

    def _partitions(self, topic: str) -> list:
        found = self._client.list_topics(topic, timeout=_SECONDS).topics[topic].partitions
        return [found[number] for number in sorted(found)]

    def prefer_leaders(self, topic: str) -> None:
        """Each partition is led by the first of its brokers again, as when it was made."""
        count = len(self.leaders(topic))
        elected = self._client.elect_leaders(
            ElectionType.PREFERRED, [TopicPartition(topic, number) for number in range(count)])
        for error in elected.result(_SECONDS).values():
            if error is not None and error.code() != KafkaError.ELECTION_NOT_NEEDED:
                raise KafkaException(error)

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

    def warm_up(self, topic: str) -> None:
        """Until the broker has given out a producer id: the first one takes a new broker seconds."""
        self.create_topic(topic, partitions=1)
        producer = Producer(self._address | {"enable.idempotence": True})
        producer.produce(topic, b"")
        assert producer.flush(60) == 0, "the broker acknowledges nothing"

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
         pattern: ResourcePatternType = ResourcePatternType.LITERAL,
         permission: AclPermissionType = AclPermissionType.ALLOW) -> AclBinding:
    return AclBinding(kind, name, pattern, f"User:{user.name}", "*", operation, permission)


def _forbidden(user: User, topic: str) -> AclBinding:
    return _acl(user, AclOperation.WRITE, topic, permission=AclPermissionType.DENY)
