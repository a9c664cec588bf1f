"""Rows a second of picket-consumer beside PostgreSQL's own COPY of the same rows."""

import time
from collections.abc import Iterator

import psycopg
from confluent_kafka import Producer

from testbed.broker import SINK
from testbed.programs import Consumer
from testbed.wait import wait_until

from . import records
from .figures import Figure
from .ground import Ground, running
from .measure import Unmeasured, cpu_seconds, family_cpu_seconds

_AGENTS = 50
_PARTITIONS = 3
_CHUNK = 1 << 20
_TARGET_ROWS = 0.5
_TARGET_CPU = 1.5


def bench(ground: Ground) -> list[Figure]:
    """consumer.*"""
    ground.fast_broker()
    topic = ground.topic("consumer")
    count = _fill(ground, topic, ground.sized(4_000, 1_000))
    rows, own, server, copy_rows, copy_server = [], [], [], [], []
    for number in range(ground.rounds):
        ground.say(f"storing {count} records, then COPY of the same rows, round {number + 1}")
        name = f"bench{number}"
        stored = _consume(ground, topic, name, count)
        copied = _copy(ground, name, count)
        for values, value in zip((rows, own, server, copy_rows, copy_server),
                                 (*stored, *copied), strict=True):
            values.append(value)
    note = f"{count} records of {_AGENTS} agents"
    return [
        Figure("consumer.rows_per_s", "rows/s", tuple(rows), "COPY, same tables", tuple(copy_rows),
               _TARGET_ROWS, more_is_better=True, note=note),
        Figure("consumer.postgres_cpu_s_per_million", "s", tuple(server), "COPY, same tables",
               tuple(copy_server), _TARGET_CPU, note=note),
        Figure("consumer.cpu_s_per_million", "s", tuple(own), note=note),
    ]


def _fill(ground: Ground, topic: str, each: int) -> int:
    """Writes `each` records of every agent to the topic; how many that is together."""
    failed = []
    producer = Producer({
        "bootstrap.servers": ground.servers.broker.admin_address, "linger.ms": 50, "acks": "all",
        "queue.buffering.max.messages": _AGENTS * each + 1, "compression.type": "lz4",
        "queue.buffering.max.kbytes": 1 << 20, "log_level": 0})
    for number, made in enumerate(records.made(_AGENTS, each)):
        # The agents come in turn: an agent's records stay in one partition, as its key sees to.
        producer.produce(topic, made.value, made.agent, number % _AGENTS % _PARTITIONS,
                         headers=made.headers,
                         on_delivery=lambda error, _: error and failed.append(error))
        producer.poll(0)
    left = producer.flush(60)
    if left or failed:
        raise Unmeasured(f"{left} records not written to Kafka, errors: {failed[:3]}")
    return _AGENTS * each


def _consume(ground: Ground, topic: str, database: str,
             count: int) -> tuple[float, float, float]:
    """Reads the topic into a new database: rows a second from the first stored batch on, CPU
    seconds a million rows of the consumer, and of PostgreSQL."""
    url = ground.servers.postgres.create_database(database)
    section = ground.kafka(topic, SINK) | {"group": f"{topic}.{database}"}
    consumer = Consumer(ground.folder(database), {"kafka": section, "database": {"url": url}})
    migrated = consumer.call("migrate")
    if migrated.returncode != 0:
        raise Unmeasured(f"picket-consumer migrate: {migrated.stderr}")
    with psycopg.connect(url, autocommit=True) as connection, running(consumer.process):
        def reading(at_least: int) -> tuple[int, float, float, float]:
            stored = wait_until(
                lambda: _stored(connection, at_least), f"{at_least} stored rows", 120,
                alive=[consumer.process], every=0.02)
            return (stored, time.monotonic(), cpu_seconds(consumer.process.pid),
                    family_cpu_seconds(ground.servers.postgres.process.pid))

        first = reading(1)
        last = reading(count)
        rows, seconds, own, server = (end - begin for begin, end in zip(first, last, strict=True))
    if rows < count / 4:
        raise Unmeasured(f"the first batch seen stored had {first[0]} of {count} rows")
    return rows / seconds, own * 1e6 / rows, server * 1e6 / rows


def _stored(connection: psycopg.Connection, at_least: int) -> int:
    """Rows that the ledger has as received; 0 while they are fewer than asked for."""
    stored = int(connection.execute(
        "SELECT coalesce(sum(hi - lo), 0) FROM lane_range WHERE kind = 'received'").fetchone()[0])
    return stored if stored >= at_least else 0


def _copy(ground: Ground, source: str, count: int) -> tuple[float, float]:
    """COPY of all rows of a database's `result` into an empty copy of that database, in one
    transaction: rows a second and PostgreSQL's CPU seconds a million."""
    postgres = ground.servers.postgres
    with psycopg.connect(postgres.url(source)) as connection:
        data = b"".join(_copied_out(connection))
    name = f"{source}copy"
    postgres.psql(postgres.admin_url,
                  f'CREATE DATABASE "{name}" TEMPLATE "{source}" OWNER {postgres.USER}')
    with psycopg.connect(postgres.url(name)) as connection:
        connection.execute("TRUNCATE result")
        connection.commit()
        begin = time.monotonic()
        server = family_cpu_seconds(postgres.process.pid)
        with connection.cursor().copy("COPY result FROM STDIN (FORMAT binary)") as copy:
            for place in range(0, len(data), _CHUNK):
                copy.write(data[place:place + _CHUNK])
        connection.commit()
        seconds = time.monotonic() - begin
        server = family_cpu_seconds(postgres.process.pid) - server
        rows = connection.execute("SELECT count(*) FROM result").fetchone()[0]
    if rows != count:
        raise Unmeasured(f"COPY stored {rows} of {count} rows")
    return rows / seconds, server * 1e6 / rows


def _copied_out(connection: psycopg.Connection) -> Iterator[bytes]:
    with connection.cursor().copy("COPY (SELECT * FROM result) TO STDOUT (FORMAT binary)") as copy:
        for piece in copy:
            yield bytes(piece)
