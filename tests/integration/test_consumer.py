"""The consumer writes every record once, whatever is killed. Records are made by hand."""

import json

import psycopg
import pytest

import records
from stage import row_count, run_to_end, wait_for_rows
from testbed.admin import Record
from testbed.wait import wait_until

_LOCK = 4711


def assert_stored_once(database, lanes: dict[int, int]) -> None:
    """Epoch -> count: those lanes have the seqs 1..count in result and in the ledger, each once."""
    for epoch, count in lanes.items():
        found = database.execute(
            "SELECT count(*), count(DISTINCT r.seq), min(r.seq), max(r.seq) FROM result r "
            "JOIN lane l ON l.id = r.lane_id WHERE l.epoch = %s", (epoch,)).fetchone()
        assert found == (count, count, 1, count)
        ranges = database.execute(
            "SELECT lo, hi FROM lane_range g JOIN lane l ON l.id = g.lane_id "
            "WHERE l.epoch = %s AND kind = 'received' ORDER BY lo", (epoch,)).fetchall()
        assert ranges == [(1, count + 1)]


def test_migrate_makes_the_tables_and_is_content_the_second_time(stage):
    consumer = stage.consumer()
    before = consumer.call("migrate", "--status")
    assert before.returncode in (0, 1)
    assert consumer.call("migrate").returncode == 0
    assert consumer.call("migrate").returncode == 0
    assert consumer.call("migrate", "--status").returncode == 0
    assert row_count(stage.connect()) == 0


def test_run_without_migrations_says_what_to_do(stage):
    consumer = stage.consumer()
    done = run_to_end("picket-consumer", ["run", "--no-migrate", "--config", consumer.config_path],
                      stage.folder)
    assert done.returncode != 0
    assert "migrate" in done.stderr


def test_replayed_and_doubled_records_change_nothing(stage):
    consumer = stage.consumer().start()
    database = stage.connect()
    epoch = records.new_epoch()
    lane = records.run("gw", epoch, 1, 500)
    stage.admin.write(stage.topic, lane)
    wait_for_rows(database, 500, consumer.process)
    # The same again, in another order, doubled within one batch, and one new record at the end.
    stage.admin.write(stage.topic, lane[::-1] + lane[:100] + lane[:100]
                      + records.run("gw", epoch, 501, 501))
    wait_for_rows(database, 501, consumer.process)
    assert_stored_once(database, {epoch: 501})
    assert consumer.process.stop(5) == 0
    assert consumer.call("audit").returncode == 0


def test_gaps_are_missing_until_they_are_filled(stage):
    consumer = stage.consumer().start()
    database = stage.connect()
    epoch = records.new_epoch()
    lane = records.run("gw", epoch, 1, 100)
    stage.admin.write(stage.topic, lane[:40] + lane[50:])
    wait_for_rows(database, 90, consumer.process)
    audit = wait_until(lambda: "missing 10" in (done := consumer.call("audit")).stdout and done,
                       "audit that misses 10", 10, alive=[consumer.process])
    assert audit.returncode == 1
    stage.admin.write(stage.topic, lane[40:50])
    wait_for_rows(database, 100, consumer.process)
    assert consumer.call("audit").returncode == 0
    assert_stored_once(database, {epoch: 100})


def test_lane_spread_over_partitions_is_one_lane(stage):
    consumer = stage.consumer().start()
    database = stage.connect()
    epoch = records.new_epoch()
    stage.admin.write(stage.topic, [records.record("gw", epoch, seq, partition=seq % 3)
                                    for seq in range(1, 301)])
    wait_for_rows(database, 300, consumer.process)
    assert_stored_once(database, {epoch: 300})


def test_two_consumers_share_the_work_without_a_double(stage):
    one, two = stage.consumer("one").start(), stage.consumer("two").start()
    database = stage.connect()
    epochs = [records.new_epoch() for _ in range(6)]
    for first in range(1, 401, 100):
        for number, epoch in enumerate(epochs):
            stage.admin.write(stage.topic, records.run(
                f"gw-{number}", epoch, first, first + 99, partition=number % 3))
        if first == 201:
            one.process.kill()
    wait_for_rows(database, 2400, two.process, 60)
    assert_stored_once(database, {epoch: 400 for epoch in epochs})


def test_database_absent_at_start(stage):
    url = stage.database_url
    stage.postgres.crash()
    consumer = stage.consumer().start()
    epoch = records.new_epoch()
    stage.admin.write(stage.topic, records.run("gw", epoch, 1, 100))
    wait_until(lambda: "database" in consumer.process.log().lower()
               or "postgres" in consumer.process.log().lower(), "a word about the database",
               alive=[consumer.process])
    stage.postgres.start()
    assert url == stage.database_url
    database = stage.connect()
    wait_for_rows(database, 100, consumer.process)
    assert_stored_once(database, {epoch: 100})


class Gate:
    """Holds a consumer's transaction at a point of the test's choosing.

    A trigger of the database waits for an advisory lock that this session holds; the programs
    know nothing of it. `at_commit`: the trigger is deferred, so it runs inside COMMIT; otherwise it
    runs when the ledger is written, which is after COPY.
    """

    def __init__(self, stage, at_commit: bool = False):
        self._session = stage.connect()
        self._watch = stage.connect()
        self._session.execute(f"SELECT pg_advisory_lock({_LOCK})")
        self._session.execute(f"""
            CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              PERFORM pg_advisory_xact_lock({_LOCK});
              RETURN NULL;
            END $$""")
        self._session.execute(
            "CREATE CONSTRAINT TRIGGER gate AFTER INSERT OR UPDATE ON lane_range "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION gate()" if at_commit else
            "CREATE TRIGGER gate AFTER INSERT OR UPDATE ON lane_range "
            "FOR EACH STATEMENT EXECUTE FUNCTION gate()")

    def wait_for_somebody(self, process) -> int:
        """The backend that waits at the gate, with rows copied and not committed."""
        pid = wait_until(self._waiting, "consumer at the gate", 20, alive=[process])
        copied = self._watch.execute(
            "SELECT count(*) FROM pg_locks WHERE pid = %s AND mode = 'RowExclusiveLock' "
            "AND relation::regclass::text LIKE 'result%%'", (pid,)).fetchone()[0]
        assert copied > 0, "nothing was copied before the gate"
        return pid

    def query(self, pid: int) -> str:
        return self._watch.execute("SELECT query FROM pg_stat_activity WHERE pid = %s",
                                   (pid,)).fetchone()[0]

    def open(self, pid: int | None = None) -> None:
        """Lets it go on; with `pid`, waits until that backend has ended."""
        self._session.execute(f"SELECT pg_advisory_unlock({_LOCK})")
        if pid is not None:
            wait_until(lambda: not self._watch.execute(
                "SELECT 1 FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone(),
                "end of the dead consumer's backend")

    def _waiting(self) -> int | None:
        row = self._watch.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
            "AND wait_event_type = 'Lock' AND wait_event = 'advisory'").fetchone()
        return row and row[0]


def _batch_at_the_gate(stage, at_commit: bool):
    """A consumer that stands at the gate with 1000 records, 300 having been stored before."""
    consumer = stage.consumer("first").start()
    database = stage.connect()
    epoch = records.new_epoch()
    stage.admin.write(stage.topic, records.run("gw", epoch, 1, 300))
    wait_for_rows(database, 300, consumer.process)
    gate = Gate(stage, at_commit)
    stage.admin.write(stage.topic, records.run("gw", epoch, 301, 1300))
    pid = gate.wait_for_somebody(consumer.process)
    assert row_count(database) == 300
    return consumer, database, epoch, gate, pid


def test_consumer_killed_between_copy_and_commit(stage):
    consumer, database, epoch, gate, pid = _batch_at_the_gate(stage, at_commit=False)
    assert not gate.query(pid).upper().startswith("COMMIT")
    consumer.process.kill()
    gate.open(pid)
    assert row_count(database) == 300  # rolled back
    again = stage.consumer("second").start()
    wait_for_rows(database, 1300, again.process)
    assert_stored_once(database, {epoch: 1300})
    assert again.process.stop(5) == 0
    assert again.call("audit").returncode == 0


def test_consumer_killed_just_after_commit(stage):
    """It dies while COMMIT runs: the database commits, and nobody is there to hear of it."""
    consumer, database, epoch, gate, pid = _batch_at_the_gate(stage, at_commit=True)
    assert gate.query(pid).upper().startswith("COMMIT")
    consumer.process.kill()
    gate.open(pid)
    committed = row_count(database)
    assert committed > 300
    again = stage.consumer("second").start()
    stage.admin.write(stage.topic, records.run("gw", epoch, 1301, 1400))
    wait_for_rows(database, 1400, again.process)
    assert_stored_once(database, {epoch: 1400})
    assert again.process.stop(5) == 0
    assert again.call("audit").returncode == 0


def test_database_killed_mid_batch(stage):
    consumer, _, epoch, _, _ = _batch_at_the_gate(stage, at_commit=False)
    stage.postgres.crash()
    stage.postgres.start()  # the gate's session died with it, and its lock
    database = stage.connect()
    wait_for_rows(database, 1300, consumer.process)
    assert_stored_once(database, {epoch: 1300})
    assert consumer.process.running  # the same process all the time


def test_a_zombie_changes_nothing(stage):
    """A consumer that was frozen inside its transaction wakes up after another took its place."""
    zombie, database, epoch, gate, _ = _batch_at_the_gate(stage, at_commit=False)
    zombie.process.pause()
    gate.open()
    other = stage.consumer("other").start()
    # The zombie's session stays open, and holds its locks, until the time-out of the transaction.
    wait_for_rows(database, 1300, other.process, 90)
    zombie.process.resume()
    stage.admin.write(stage.topic, records.run("gw", epoch, 1301, 1400))
    wait_for_rows(database, 1400, other.process, 60)
    assert_stored_once(database, {epoch: 1400})


BAD = {
    "not JSON": (b"this is not JSON", "json"),
    "cut off": (b'{"name": "shop", "url": ', "json"),
    "not an object": (b"[1, 2, 3]", ""),
    "empty": (b"", ""),
    "bad UTF-8": (b'{"name": "\xff\xfe"}', "utf"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_message_is_a_dead_letter_and_the_batch_goes_on(stage, bad):
    value, reason = BAD[bad]
    check_dead_letter(stage, Record(value, b"gw"), reason, named=False)


def test_a_nul_is_a_dead_letter_and_its_seq_is_rejected(stage):
    epoch = records.new_epoch()
    nul = records.record("gw", epoch, 51, name="sh\x00op")
    check_dead_letter(stage, nul, "nul", named=True, epoch=epoch)


@pytest.mark.parametrize("changes", [
    {"response_time": "fast"}, {"status_code": 2**40}, {"timestamp": "yesterday"}, {"url": None},
], ids=str)
def test_a_wrong_value_is_a_dead_letter_and_its_seq_is_rejected(stage, changes):
    epoch = records.new_epoch()
    wrong = records.record("gw", epoch, 51, **changes)
    check_dead_letter(stage, wrong, next(iter(changes)), named=True, epoch=epoch)


def test_a_damaged_payload_is_named_by_its_headers(stage):
    epoch = records.new_epoch()
    whole = records.record("gw", epoch, 51)
    check_dead_letter(stage, Record(whole.value[:40], whole.key, whole.headers), "json",
                      named=True, epoch=epoch)


def check_dead_letter(stage, bad: Record, reason: str, named: bool,
                      epoch: int | None = None) -> None:
    """50 good records, the bad one, 50 more: 100 rows, one dead letter with all that is known."""
    consumer = stage.consumer().start()
    database = stage.connect()
    epoch = epoch or records.new_epoch()
    after = 52 if named else 51
    stage.admin.write(stage.topic, records.run("gw", epoch, 1, 50) + [bad]
                      + records.run("gw", epoch, after, after + 49))
    wait_for_rows(database, 100, consumer.process)
    letters = database.execute(
        "SELECT topic, partition, kafka_offset, reason, key, payload FROM dead_letter").fetchall()
    assert len(letters) == 1
    topic, partition, offset, told, key, payload = letters[0]
    assert (topic, partition, offset) == (stage.topic, 0, 50)
    assert bytes(payload) == bad.value
    assert bytes(key) == bad.key
    assert reason in told.lower()
    rejected = database.execute(
        "SELECT lo, hi FROM lane_range WHERE kind = 'rejected'").fetchall()
    assert rejected == ([(51, 52)] if named else [])
    assert "missing 0" in consumer.call("audit").stdout


def test_a_record_without_a_key_is_stored(stage):
    consumer = stage.consumer().start()
    database = stage.connect()
    epoch = records.new_epoch()
    value = json.dumps(records.body("gw", epoch, 1)).encode()
    stage.admin.write(stage.topic, [Record(value)])
    wait_for_rows(database, 1, consumer.process)
    assert_stored_once(database, {epoch: 1})
    assert database.execute("SELECT count(*) FROM dead_letter").fetchone()[0] == 0


def test_members_that_are_not_known_yet_do_no_harm(stage):
    consumer = stage.consumer().start()
    database = stage.connect()
    stage.admin.write(stage.topic, [records.record(
        "gw", records.new_epoch(), 1, error="martians", outcome="down", brand_new={"x": [1]})])
    wait_for_rows(database, 1, consumer.process)
    assert database.execute("SELECT error FROM probe").fetchone()[0] == "martians"


def test_user_of_the_database_needs_nothing_but_to_own_it(stage):
    consumer = stage.consumer()
    assert consumer.call("migrate").returncode == 0
    rights = stage.connect().execute(
        "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user")
    assert rights.fetchone() == (False, False, False)


def test_a_wrong_database_password_is_told_and_waited_for(stage):
    url = stage.database_url.replace("@", "x@", 1)
    consumer = stage.consumer(database={"url": url}).start()
    wait_until(lambda: "password authentication failed" in consumer.process.log(),
               "a word about the password", alive=[])
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    assert url.split("@")[0].rsplit(":", 1)[1] not in consumer.process.log()
