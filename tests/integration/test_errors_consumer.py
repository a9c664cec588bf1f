"""Every fault the consumer can meet, on real parts: one line with cause, cure and what happens meanwhile."""

import json
import re
import signal

import psycopg
import pytest
from confluent_kafka.admin import AclOperation

import records
from kafka_faults import (
    FAULTS,
    NO_SUCH_BROKER,
    PEER_ALERT,
    SILENT_SERVER,
    UNKNOWN_NAME,
    name_server,
    peer_that_wants_a_certificate,
)
from stage import run_to_end, wait_for_rows
from testbed.broker import STRANGER
from testbed.programs import Consumer
from testbed.wait import wait_until

WAITS = r"; messages wait in Kafka"
ENDS = r"; picket-consumer ends, messages wait in Kafka for its next start"


def tells(consumer: Consumer, told: str, seconds: float = 30) -> None:
    """Until the log has that line; once."""
    wait_until(lambda: re.search(told, consumer.process.log()), f"line with {told!r}", seconds,
               alive=[consumer.process])
    assert len(re.findall(told, consumer.process.log())) == 1


def ends(consumer: Consumer, code: int, told: str) -> None:
    assert consumer.process.wait(30) == code
    assert re.search(told, consumer.process.log()), consumer.process.log()


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_wrong_with_a_broker(stage, name):
    fault = FAULTS[name]
    consumer = stage.consumer(
        kafka=stage.sink_kafka(listener=fault.listener) | fault.changes(stage)).start()
    tells(consumer, rf"error +kafka +\[{fault.kind}\] " + fault.told + ".*" + WAITS)


def test_a_peer_that_sends_an_alert(stage):
    with peer_that_wants_a_certificate(stage) as address:
        consumer = stage.consumer(kafka=stage.sink_kafka(brokers=[address])).start()
        tells(consumer, r"\[peer_alert\] " + PEER_ALERT + ".*" + WAITS)


def test_no_broker_at_all(stage):
    stage.kill_broker()
    consumer = stage.consumer().start()
    tells(consumer, r"\[(refused|away)\] (.*Connection refused: start the broker, or correct|no broker can be reached: "
          r"check the network and) kafka.brokers" + WAITS)


def test_no_permission_on_the_group(stage):
    consumer = stage.consumer(kafka=stage.sink_kafka() | {"group": "not.ours"}).start()
    tells(consumer, r"\[group_permission\] user 'sink' \(SCRAM-SHA-256\) may not use the group 'not.ours': grant it "
          r"Read on that group, or set kafka.group" + WAITS)


def test_no_permission_on_the_topic(stage):
    assert stage.topic
    stage.admin.grant_group(STRANGER, stage.group)
    consumer = stage.consumer(kafka=stage.kafka(STRANGER, group=stage.group)).start()
    tells(consumer, rf"\[permission\] user 'stranger' \(SCRAM-SHA-256\) may not read topic '{stage.topic}': grant it "
          "Read on the topic" + WAITS)
    stage.admin.grant(STRANGER, AclOperation.READ, stage.topic)


def test_an_unknown_topic(stage):
    consumer = stage.consumer(kafka=stage.sink_kafka() | {"topic": "picket.nowhere"}).start()
    tells(consumer, r"\[unknown_topic\] topic 'picket.nowhere' is not there: create it, or correct kafka.topic; "
          "looked for again every 30 s")


@pytest.mark.parametrize(("silent", "told"), [(False, UNKNOWN_NAME), (True, SILENT_SERVER)],
                         ids=["unknown name", "silent name server"])
def test_a_name_that_is_not_found(stage, silent, told):
    consumer = stage.consumer(kafka=stage.sink_kafka(brokers=[NO_SUCH_BROKER]))
    with name_server(stage, consumer.process, silent):
        consumer.start()
        tells(consumer, r"\[dns\] " + told + ".*" + WAITS, 60)


def test_a_database_that_is_away(stage):
    assert stage.database_url
    stage.postgres.process.stop(20, signal.SIGINT)
    consumer = stage.consumer().start()
    tells(consumer, r"warning store +\[database\] cannot connect to the database: .*Connection refused.*: start the "
          r"database, or correct database.url" + WAITS + ", it is tried again every 10 s at the latest")
    stage.postgres.start()
    stage.admin.write(stage.topic, records.run("gw", records.new_epoch(), 1, 10))
    wait_for_rows(stage.connect(), 10, consumer.process)


def test_a_wrong_database_password(stage):
    consumer = stage.consumer(database={"url": stage.database_url.replace("@", "x@", 1)}).start()
    ends(consumer, 78, r"cannot connect to the database: .*password authentication failed.*: check user and password in "
         r"database.url" + ".*" + ENDS)


def test_a_database_that_is_not_there(stage):
    consumer = stage.consumer(database={"url": stage.postgres.url("nowhere")}).start()
    ends(consumer, 78, r'database "nowhere" does not exist: create the database, or correct database.url' + ENDS)


def _as_owner(stage, sql: str) -> None:
    with psycopg.connect(stage.postgres.admin_url.rpartition("/")[0] + stage.database_url[
            stage.database_url.rindex("/"):], autocommit=True) as session:
        session.execute(sql)


GRANT = r"make the user of database.url the owner of the database, or grant it CREATE on the schema and SELECT, INSERT"


def test_no_permission_to_create_tables(stage):
    assert stage.database_url
    name = stage.database_url.rpartition("/")[2]
    _as_owner(stage, f'ALTER DATABASE "{name}" OWNER TO postgres')
    _as_owner(stage, "REVOKE CREATE ON SCHEMA public FROM public")
    consumer = stage.consumer().start()
    ends(consumer, 78, r"permission denied for schema public \(SQLSTATE 42501\): " + GRANT + ".*" + ENDS)


def test_no_permission_to_insert(stage):
    consumer = stage.consumer().start()
    database = stage.connect()
    stage.admin.write(stage.topic, records.run("gw", records.new_epoch(), 1, 10))
    wait_for_rows(database, 10, consumer.process)
    database.execute("REVOKE INSERT ON result FROM current_user")
    stage.admin.write(stage.topic, records.run("gw", records.new_epoch(), 1, 10))
    ends(consumer, 78, r"permission denied for table result \(SQLSTATE 42501\): " + GRANT + ".*" + ENDS)
    database.execute("GRANT INSERT ON result TO current_user")
    consumer.start()
    wait_for_rows(database, 20, consumer.process)


def test_a_schema_newer_than_the_program(stage):
    consumer = stage.consumer()
    assert consumer.call("migrate").returncode == 0
    stage.connect().execute("INSERT INTO schema_migrations VALUES ('9999')")
    consumer.start()
    ends(consumer, 78, r"the database is at version 9999, this program knows versions up to \d+: install a newer "
         r"picket-consumer" + ENDS)


def test_a_schema_older_than_the_program(stage):
    consumer = stage.consumer()
    done = run_to_end("picket-consumer", ["run", "--no-migrate", "--config", consumer.config_path], stage.folder)
    assert done.returncode == 78
    assert re.search(r"migration 0001_\w+ is not applied: run picket-consumer migrate" + ENDS, done.stderr)


def test_json_lines_are_json_whatever_goes_wrong(stage):
    consumer = stage.consumer(kafka=stage.sink_kafka(password="not \"it\""), log={"format": "json", "level": "debug"})
    consumer.start()
    wait_until(lambda: "refused user" in consumer.process.log(), "a refusal", alive=[consumer.process])
    assert consumer.process.stop() == 0
    lines = [json.loads(line) for line in consumer.process.log_path.read_bytes().decode("utf-8").splitlines()]
    assert all(line.keys() == {"ts", "level", "component", "msg"} for line in lines)
    assert any(line["msg"].startswith("[auth] ") and line["component"] == "kafka" for line in lines)
