"""From the probe to the table, with nothing broken."""

import datetime
import json
import re
import signal

from stage import row_count, run_to_end, wait_for_rows
from testbed import paths
from testbed.broker import AGENT, SINK
from testbed.ports import free_ports
from testbed.process import Process
from testbed.programs import clean_environment
from testbed.wait import wait_until

CONTRACT = {"name", "url", "response_time", "status_code", "regex", "regex_check", "timestamp"}

# Where a test wants to see a site up, a moment's stall of this machine must not make it a timeout.
PATIENT = {"interval": "500ms", "timeout": "500ms"}


def test_records_in_kafka_keep_the_contract(stage):
    """Read with PyPI's confluent-kafka over SASL_SSL, as any other reader of the topic would."""
    agent = stage.agent([
        {"name": "good", "url": stage.sites.url("/good"), "regex": "ok"},
        {"name": "missing", "url": stage.sites.url("/missing"), "regex": "ok"},
        {"name": "failing", "url": stage.sites.url("/failing")},
        {"name": "reset", "url": stage.sites.url("/reset"), "regex": "ok"},
    ], defaults=PATIENT).start()
    wait_until(lambda: agent.acknowledged() >= 12,
               "acknowledged records", alive=[agent.process])
    assert agent.process.stop() == 0
    sink = stage.kafka(SINK)
    login = {"bootstrap.servers": stage.broker.address(), "security.protocol": "SASL_SSL",
             "sasl.mechanism": sink["sasl_mechanism"], "sasl.username": sink["username"],
             "sasl.password": sink["password"], "ssl.ca.location": sink["ca_file"]}
    messages = stage.admin.read(stage.topic, login)
    assert len(messages) >= 12
    for message in messages:
        record = json.loads(message.value())
        assert CONTRACT <= record.keys()
        assert message.key() == b"gw-test"
        headers = {name: value.decode() for name, value in message.headers()}
        assert headers["agent"] == record["agent"] == "gw-test"
        assert headers["epoch"] == record["epoch"]
        assert headers["seq"] == str(record["seq"])
        assert 0 < int(record["epoch"]) < 2**63 and isinstance(record["seq"], int)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", record["timestamp"])
        age = (datetime.datetime.now(datetime.UTC)
               - datetime.datetime.fromisoformat(record["timestamp"])).total_seconds()
        assert 0 < age < 300
        assert record["clock"] == "ok"
    by_name = {}
    for message in messages:
        record = json.loads(message.value())
        by_name.setdefault(record["name"], record)
    assert_members(by_name["good"], status_code=200, regex="ok", regex_check=True, outcome="up",
                   error=None)
    assert_members(by_name["missing"], status_code=200, regex_check=False, outcome="down",
                   error="regex")
    assert_members(by_name["failing"], status_code=500, regex=None, regex_check=None,
                   outcome="down", error="status")
    assert_members(by_name["reset"], status_code=None, response_time=None, regex_check=None,
                   outcome="down", error="reset")
    assert 0 < by_name["good"]["response_time"] < 500


def assert_members(record: dict, **wanted) -> None:
    assert {name: record[name] for name in wanted} == wanted


def test_seqs_of_a_lane_have_no_hole(stage):
    agent = stage.agent().start()
    wait_until(lambda: agent.acknowledged() >= 20, "records",
               alive=[agent.process])
    assert agent.process.stop() == 0
    seqs = sorted(value["seq"] for value in stage.values())
    assert seqs == list(range(1, len(seqs) + 1))


def test_metrics_has_the_seven_columns(stage):
    consumer = stage.consumer().start()
    agent = stage.agent(defaults=PATIENT).start()
    database = stage.connect()
    wait_for_rows(database, 5, consumer.process)
    columns = stage.postgres.psql(
        stage.database_url, "SELECT column_name, data_type FROM information_schema.columns "
        "WHERE table_name = 'metrics' ORDER BY ordinal_position")
    assert columns.splitlines() == [
        "name|text", "url|text", "response_time|double precision", "status_code|integer",
        "regex|text", "regex_check|boolean", "timestamp|timestamp without time zone"]
    assert agent.process.stop() == 0
    sent = stage.values()
    wait_for_rows(database, len(sent), consumer.process)
    rows = database.execute("SELECT * FROM metrics ORDER BY timestamp").fetchall()
    assert len(rows) == len(sent)
    for row, record in zip(rows, sorted(sent, key=lambda record: record["timestamp"])):
        *same, when = row
        assert same[:2] == [record["name"], record["url"]]
        assert abs(same[2] - record["response_time"]) < 0.001 * record["response_time"] + 1e-6
        assert same[3:] == [200, "ok", True]
        assert when.isoformat(timespec="microseconds") + "Z" == record["timestamp"]


def test_audit_of_a_clean_run_misses_nothing(stage):
    consumer = stage.consumer().start()
    agent = stage.agent().start()
    database = stage.connect()
    wait_for_rows(database, 10, consumer.process)
    assert agent.process.stop() == 0
    sent = len(stage.values())
    wait_for_rows(database, sent, consumer.process)
    wait_until(lambda: f"received {sent}, missing 0, duplicates 0" in consumer.call("audit").stdout,
               "content audit", 10, alive=[consumer.process])
    assert consumer.call("audit").returncode == 0
    json.loads(consumer.call("audit", "--json").stdout)


def test_both_programs_start_from_the_environment_alone(stage):
    """The ten names, and what a private broker and a test need on top."""
    port = free_ports(1)[0]
    writer, reader = stage.kafka(AGENT), stage.kafka(SINK)
    shared = {
        "KAFKA_BOOTSTRAP_SERVERS": stage.broker.address(), "KAFKA_TOPIC": stage.topic,
        "KAFKA_CONSUMER_GROUP": stage.group, "REQUEST_TIMEOUT": "1", "CHECK_INTERVAL": "1",
        "DATABASE_URL": stage.database_url, "LOG_LEVEL": "DEBUG",
        "WEBSITES": json.dumps([{"name": "good", "url": stage.sites.url("/good"), "regex": "ok"},
                                {"name": "plain", "url": stage.sites.url("/good"), "regex": None}]),
        "PICKET_KAFKA_CA_FILE": writer["ca_file"],
        "PICKET_KAFKA_SASL_MECHANISM": writer["sasl_mechanism"],
    }
    agent = stage.owns(Process(
        "picket", [paths.program("picket"), "run"], stage.folder / "picket.log", cwd=stage.folder,
        env=clean_environment(
            **shared, KAFKA_USERNAME=writer["username"], KAFKA_PASSWORD=writer["password"],
            PICKET_BUFFER_PATH=str(stage.folder / "buffer.db"), PICKET_AGENT="gw-env",
            PICKET_SERVE_LISTEN=f"127.0.0.1:{port}")))
    password = stage.folder / "password"
    password.write_text(reader["password"] + "\n")
    consumer = stage.owns(Process(
        "consumer", [paths.program("picket-consumer"), "run"], stage.folder / "consumer.log",
        cwd=stage.folder, env=clean_environment(
            **shared, KAFKA_USERNAME=reader["username"], KAFKA_PASSWORD_FILE=str(password))))
    agent.start()
    consumer.start()
    database = stage.connect()
    wait_for_rows(database, 4, consumer)
    names = database.execute("SELECT DISTINCT name, regex FROM metrics ORDER BY name").fetchall()
    assert names == [("good", "ok"), ("plain", None)]
    assert agent.running
    for process in (agent, consumer):
        assert writer["password"] not in process.log()
        assert reader["password"] not in process.log()


def test_env_file_is_read(stage):
    (stage.folder / ".env").write_text(
        "# the broker is not asked\n"
        f"WEBSITES='[{{\"name\": \"from env\", \"url\": \"{stage.sites.url('/good')}\"}}]'\n"
        "CHECK_INTERVAL=\"5\"   # seconds\n"
        "export LOG_LEVEL=ERROR\n")
    printed = stage.picket("print-config", "--env-file", ".env")
    assert printed.returncode == 0, printed.stderr
    assert "from env" in printed.stdout


def test_stdout_prints_records_without_a_broker(stage):
    config = stage.folder / "picket.yaml"
    config.write_text(
        f"sites: [{{name: good, url: '{stage.sites.url('/good')}', regex: ok, interval: 100ms,"
        " timeout: 100ms}]\nserve: {listen: ''}\n"
        f"buffer: {{path: '{stage.folder / 'buffer.db'}'}}\n")
    out = stage.folder / "records.jsonl"
    agent = stage.owns(Process(
        "picket", [paths.program("picket"), "run", "--stdout", "--config", config],
        stage.folder / "picket.log", stdout_path=out, cwd=stage.folder, env=clean_environment()))
    agent.start()
    wait_until(lambda: out.read_text().count("\n") >= 3, "printed records", alive=[agent])
    assert agent.stop() == 0
    for line in out.read_text().splitlines():
        assert CONTRACT <= json.loads(line).keys()


def test_healthz_and_metrics_answer(stage):
    agent = stage.agent().start()
    wait_until(lambda: agent.acknowledged() >= 3, "metrics",
               alive=[agent.process])
    metrics = agent.metrics()
    assert metrics['picket_probes_total{outcome="up"}'] >= 3
    assert metrics["picket_buffer_records"] == 0
    assert metrics["picket_kafka_connected"] == 1
    assert agent.get("/healthz") == (200, "ok\n") or agent.get("/healthz") == (200, "ok")
    assert agent.get("/nothing")[0] == 404


def test_both_programs_stop_cleanly_on_both_signals(stage):
    for number in (signal.SIGTERM, signal.SIGINT):
        agent = stage.agent().start()
        consumer = stage.consumer(f"consumer-{number.name}").start()
        wait_until(lambda: agent.acknowledged() >= 1, "a record",
                   alive=[agent.process, consumer.process])
        wait_until(lambda: row_count(stage.connect()) >= 1, "a row", alive=[consumer.process])
        assert agent.process.stop(5, number) == 0
        assert consumer.process.stop(5, number) == 0


def test_version_and_help(stage):
    for program in ("picket", "picket-consumer"):
        version = run_to_end(program, ["--version"], stage.folder)
        assert version.returncode == 0
        assert re.search(rf"{program} \d+\.\d+\.\d+", version.stdout)
        help_text = run_to_end(program, ["--help"], stage.folder)
        assert help_text.returncode == 0
        assert "run" in help_text.stdout and "check-config" in help_text.stdout
        wrong = run_to_end(program, ["fly"], stage.folder)
        assert wrong.returncode == 64
        assert "fly" in wrong.stderr
