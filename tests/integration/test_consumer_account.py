"""What the consumer knows of records that are not there, and what it refuses to skip over."""

import datetime
import json

import psycopg
from confluent_kafka import KafkaException

import records
from stage import Stage, wait_for_rows
from testbed import paths
from testbed.wait import wait_until


def tell(stage: Stage, status_epoch: int, seq: int, **fact) -> None:
    """An agent's fact, as the status stream carries it."""
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    identity = {"timestamp": now, "clock": "ok", "agent": "gw", "epoch": str(status_epoch),
                "seq": seq}
    stage.admin.write(f"{stage.topic}.status", [records.as_record(fact | identity)])


def start_fact(stage: Stage, epoch: int, previous: int | None = None, end: str | None = None,
               high: int | None = None, unaccounted_max: int | None = None) -> dict:
    return {"fact": "start", "stream": "probe", "topic": stage.topic, "lane_epoch": str(epoch),
            "previous_epoch": previous and str(previous), "previous_end": end,
            "previous_high": high, "unaccounted_max": unaccounted_max, "version": "0.1.0"}


def audit(consumer, last_line: str, exit_code: int) -> None:
    """Waits until the audit's last line is this, then checks the exit code."""
    done = wait_until(
        lambda: (call := consumer.call("audit")).stdout.splitlines()[-1] == last_line and call,
        f"audit that ends with {last_line!r}", 20, alive=[consumer.process])
    assert done.returncode == exit_code


def test_facts_explain_what_is_not_there(stage):
    consumer = stage.consumer().start()
    database = stage.connect()
    one, two, status = (records.new_epoch() for _ in range(3))
    stage.admin.write(stage.topic, records.run("gw", one, 1, 95) + records.run("gw", one, 104, 110))
    wait_for_rows(database, 102, consumer.process)
    audit(consumer, "received 102, missing 8, duplicates 0", 1)  # nobody has said a word
    tell(stage, status, 1, **start_fact(stage, one))
    audit(consumer, "received 102, missing 0, duplicates 0; 8 not yet arrived", 0)
    tell(stage, status, 2, **start_fact(stage, two, one, "unclean", 110, 1000))
    tail = "; at most 1000 unaccounted (agent killed)"
    audit(consumer, f"received 102, missing 0, duplicates 0{tail}", 0)

    stage.admin.write(stage.topic, records.run("gw", two, 1, 4) + records.run("gw", two, 7, 10))
    evicted = {"fact": "evicted", "stream": "probe", "lane_epoch": str(two), "ranges": [[3, 5]]}
    for _ in range(2):  # a fact that comes twice is one fact
        tell(stage, status, 3, **evicted)
        tell(stage, status, 4, fact="skipped", stream="probe", count=7)
    tell(stage, status, 5, fact="rejected", stream="probe", lane_epoch=str(two), ranges=[[6, 6]],
         reason="too large")
    tell(stage, status, 6, fact="brand_new", x=[1])
    audit(consumer, f"received 110, missing 0, duplicates 0{tail}; 1 evicted; 1 rejected", 0)
    assert database.execute("SELECT sum(skipped) FROM lane").fetchone()[0] == 7

    tell(stage, status, 7, fact="end", stream="probe", lane_epoch=str(two), high=12)
    tell(stage, status, 8, fact="drained", stream="probe", lane_epoch=str(two))
    audit(consumer, f"received 110, missing 2, duplicates 0{tail}; 1 evicted; 1 rejected", 1)
    told = json.loads(consumer.call("audit", "--json").stdout)
    lanes = {lane["epoch"]: lane for lane in told["lanes"]}
    assert (lanes[str(one)]["state"], lanes[str(one)]["holes"]) == ("killed", [[96, 103]])
    assert (lanes[str(two)]["state"], lanes[str(two)]["holes"]) == ("ended", [[11, 12]])


def _stopped_after(stage: Stage, count: int) -> tuple:
    """A consumer that has stored `count` records and was stopped."""
    consumer = stage.consumer().start()
    database = stage.connect()
    epoch = records.new_epoch()
    stage.admin.write(stage.topic, records.run("gw", epoch, 1, count))
    wait_for_rows(database, count, consumer.process)
    assert consumer.process.stop(6) == 0
    return consumer, database, epoch


def _refuses(consumer, words: str) -> None:
    consumer.start()
    assert consumer.process.wait(30) == 65
    assert words in consumer.process.log()


def _create(stage: Stage) -> bool:
    """False while the deletion is still under way."""
    try:
        stage.admin.create_topic(stage.topic)
    except KafkaException:
        return False
    return True


def test_a_topic_made_anew_is_refused_until_it_is_accepted(stage):
    consumer, database, epoch = _stopped_after(stage, 20)
    stage.admin.delete_topic(stage.topic)
    wait_until(lambda: _create(stage), "new topic of the old name")
    # It has grown past the stored offset: only the topic's id tells.
    stage.admin.write(stage.topic, records.run("gw", epoch, 1, 30))
    positions = "SELECT * FROM kafka_position ORDER BY topic, partition"
    before = database.execute(positions).fetchall()
    _refuses(consumer, "was deleted and made again")
    assert database.execute(positions).fetchall() == before
    database.execute("DELETE FROM kafka_position WHERE topic = %s", (stage.topic,))
    consumer.start()
    wait_for_rows(database, 30, consumer.process)
    audit(consumer, "received 30, missing 0, duplicates 0", 0)


def test_another_cluster_is_refused(stage):
    consumer, database, _ = _stopped_after(stage, 1)
    database.execute("UPDATE kafka_position SET cluster_id = 'other'")
    _refuses(consumer, "of Kafka cluster other")


def test_a_locked_table_does_not_keep_it_from_stopping(stage):
    consumer = stage.consumer().start()
    database = stage.connect()
    epoch = records.new_epoch()
    stage.admin.write(stage.topic, records.run("gw", epoch, 1, 10))
    wait_for_rows(database, 10, consumer.process)
    with psycopg.connect(stage.database_url) as holder:
        holder.execute("LOCK TABLE lane IN ACCESS EXCLUSIVE MODE")
        stage.admin.write(stage.topic, records.run("gw", epoch, 11, 20))
        wait_until(lambda: database.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND wait_event_type = 'Lock'").fetchone()[0], "consumer that waits for the lock")
        assert consumer.process.stop(5) == 0
    consumer.start()
    wait_for_rows(database, 20, consumer.process, 60)
    audit(consumer, "received 20, missing 0, duplicates 0", 0)


def test_values_that_only_the_database_refuses_are_found_by_halves(stage):
    consumer = stage.consumer()
    assert consumer.call("migrate").returncode == 0
    database = stage.connect()
    database.execute("ALTER TABLE result ADD CHECK (seq NOT IN (7, 500, 501))")
    stage.admin.write(stage.topic, records.run("gw", records.new_epoch(), 1, 1000))
    consumer.start()
    wait_for_rows(database, 997, consumer.process)
    offsets = database.execute("SELECT kafka_offset FROM dead_letter ORDER BY 1").fetchall()
    assert offsets == [(6,), (499,), (500,)]
    audit(consumer, "received 997, missing 0, duplicates 0; 3 rejected", 0)


def test_a_result_lies_where_its_time_can_be_believed(stage):
    consumer = stage.consumer().start()
    database = stage.connect()
    now = datetime.datetime.now(datetime.UTC)

    def at(**ago) -> str:
        return (now - datetime.timedelta(**ago)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    epoch = records.new_epoch()
    times = [(at(days=9), "ok"), (at(days=9), "corrected"), (at(days=9), "unsynced"),
             (at(days=35), "ok"), ("1970-01-01T00:00:05Z", "ok"), (at(days=-365), "ok")]
    stage.admin.write(stage.topic, [
        records.record("gw", epoch, seq, timestamp=time, clock=clock)
        for seq, (time, clock) in enumerate(times, 1)])
    wait_for_rows(database, len(times), consumer.process)
    found = database.execute(
        "SELECT seq, ts < now() - interval '1 day', claimed_at IS NULL FROM result ORDER BY seq"
    ).fetchall()
    assert found == [(1, True, True), (2, True, True)] + [(seq, False, False) for seq in range(3, 7)]


def test_days_past_their_retention_go_and_the_audit_still_adds_up(stage):
    consumer, database, epoch = _stopped_after(stage, 10)
    day = datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=40)
    name, end = f"result_{day:%Y%m%d}", day + datetime.timedelta(days=1)
    database.execute(f"CREATE TABLE {name} (LIKE result INCLUDING ALL)")
    database.execute(f"INSERT INTO {name} (ts, seq, lane_id, site_id, verdict_id) "
                     f"SELECT '{day} 12:00Z', 11, id, 1, 1 FROM lane WHERE epoch = {epoch}")
    database.execute(f"ALTER TABLE result ATTACH PARTITION {name} "
                     f"FOR VALUES FROM ('{day} 00:00Z') TO ('{end} 00:00Z')")
    database.execute("UPDATE lane_range SET hi = 12")
    consumer.start()
    wait_until(lambda: database.execute("SELECT to_regclass(%s) IS NULL", (name,)).fetchone()[0],
               "end of the old day", alive=[consumer.process])
    done = json.loads(consumer.call("audit", "--json").stdout)
    assert done["ok"] and done["received"] == 11 and done["lanes"][0]["expired"] == 1


def test_the_way_down_leaves_nothing(stage):
    consumer = stage.consumer()
    assert consumer.call("migrate").returncode == 0
    database = stage.connect()
    for file in sorted((paths.ROOT / "consumer" / "migrations").glob("*.sql"), reverse=True):
        database.execute(file.read_text().split("-- migrate:down")[1])
    database.execute("DELETE FROM schema_migrations")
    left = database.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace")
    assert {name for (name,) in left} == {"schema_migrations", "schema_migrations_pkey"}
    assert consumer.call("migrate").returncode == 0  # and up again


def test_a_database_of_a_newer_version_is_left_alone(stage):
    consumer = stage.consumer()
    assert consumer.call("migrate").returncode == 0
    stage.connect().execute("INSERT INTO schema_migrations VALUES ('9999')")
    for command in (["migrate"], ["migrate", "--status"], ["audit"]):
        done = consumer.call(*command)
        assert done.returncode == 78
        assert "newer" in done.stderr
