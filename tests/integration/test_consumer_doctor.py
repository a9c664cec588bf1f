"""picket-consumer doctor, against what is well and against each thing that can be wrong."""

import pytest
from confluent_kafka.admin import AclOperation
from test_doctor import Doctor

from stage import run_to_end, wait_for_rows
from testbed.broker import AGENT, HIDDEN, SINK, STRANGER, has_ipv6
from testbed.ports import free_ports
from testbed.programs import write_config
from testbed.proxy import HttpProxy
from testbed.wait import wait_until


def examine(stage, kafka: dict | None = None, url: str | None = None) -> Doctor:
    config = {"kafka": kafka or sink(stage), "database": {"url": url or stage.database_url}}
    path = write_config(stage.folder / "doctor.yaml", config)
    return Doctor(run_to_end("picket-consumer", ["doctor", "--config", path, "--json"],
                             stage.folder, 40))


def sink(stage, **more) -> dict:
    return stage.kafka(**{"user": SINK, "group": stage.group, **more})


def test_all_is_well_before_and_after_the_first_run(stage):
    doctor = examine(stage)
    assert doctor.code == 0, doctor.text
    assert "picket test CA" in doctor.find("broker", "tls", "warning")  # it lives for a week
    assert "as 'sink' with SCRAM-SHA-256" in doctor.find("broker", "login", "ok")
    assert "may read" in doctor.find(f"topic {stage.topic}", "permission", "ok")
    assert "may join; 0 members now" in doctor.find("group", "permission", "ok")
    assert "no tables yet" in doctor.find("database", "schema", "ok")
    assert "agrees with the database" in doctor.find("database", "clock", "ok")
    assert "may make tables" in doctor.find("database", "permission", "ok")
    assert SINK.password not in doctor.text

    agent, consumer = stage.agent().start(), stage.consumer().start()
    with stage.connect() as database:
        wait_for_rows(database, 3, consumer.process)
    doctor = examine(stage)
    assert doctor.code == 0, doctor.text
    assert "may join; 1 member now" in doctor.find("group", "permission", "ok")
    assert "that of this program" in doctor.find("database", "schema", "ok")
    doctor.find("database", "tables", "ok")
    doctor.find("database", "partitions", "ok")
    assert "not behind the newest record" in doctor.find(f"topic {stage.topic}", "clock", "ok")
    assert agent.process.running


KAFKA_FAULTS = {
    "unknown CA": (lambda stage: sink(stage, ca_file=str(stage.servers.pki.other_ca)),
                   "tls", "=> set kafka.ca_file"),
    "expired": (lambda stage: sink(stage, listener="expired"), "tls", "renew the broker's certificate"),
    "not yet valid": (lambda stage: sink(stage, listener="future"), "tls", "check this machine's clock (NTP)"),
    "wrong host name": (lambda stage: sink(stage, listener="wrongname"),
                        "tls", "use a name from the certificate"),
    "plaintext port": (lambda stage: sink(
        stage, brokers=[f"localhost:{stage.broker.admin_address.split(':')[1]}"]),
        "tls", "SASL_SSL listener in kafka.brokers"),
    "wrong password": (lambda stage: sink(stage, password="not it"),
                       "login", "kafka.username and kafka.password"),
    "mechanism not offered": (lambda stage: sink(stage, listener="only512"),
                              "login", "it offers SCRAM-SHA-512"),
    "broker down": (lambda stage: sink(stage, brokers=[f"127.0.0.1:{free_ports(1)[0]}"]),
                    "tcp", "connection refused by 127.0.0.1"),
    "no such name": (lambda stage: sink(stage, brokers=["no-such-broker.invalid:9094"]),
                     "dns", "kafka.brokers"),
}


@pytest.mark.parametrize("fault", KAFKA_FAULTS)
def test_kafka_faults(stage, fault):
    wrong, name, told = KAFKA_FAULTS[fault]
    doctor = examine(stage, wrong(stage))
    assert doctor.code == 1
    assert told in doctor.find("broker", name, "failed"), doctor.text
    assert len(doctor.crosses()) == 1, doctor.text  # one fault, one cross: the rest is skipped
    doctor.find("topic", "permission", "skipped")
    doctor.find("group", "permission", "skipped")
    doctor.find("database", "connection", "ok")


def test_permission_on_topic_and_group(stage):
    told = examine(stage, sink(stage, user=STRANGER))
    assert "--operation Read" in told.find(f"topic {stage.topic}", "permission", "failed")
    assert f"--group {stage.group}" in told.find("group", "permission", "failed")
    # The agent's user sees the topic and may not read it.
    told = examine(stage, sink(stage, user=AGENT))
    assert "may not read" in told.find(f"topic {stage.topic}", "permission", "failed")
    told = examine(stage, sink(stage, topic=f"{stage.topic}.absent"))
    assert "does not exist" in told.find("topic", "permission", "failed")
    told.find(f"topic {stage.topic}.absent.status", "permission", "warning")

    stage.admin.grant(STRANGER, AclOperation.READ, stage.topic)
    wait_until(lambda: not any(f"topic {stage.topic}/" in cross for cross in
                               examine(stage, sink(stage, user=STRANGER)).crosses()),
               "permission to read")


def test_through_a_proxy(stage):
    with HttpProxy(names={HIDDEN: "127.0.0.1"}) as proxy:
        kafka = sink(stage, listener="hidden", proxy=proxy.url())
        doctor = examine(stage, kafka)
        assert doctor.code == 0, doctor.text
        proxy.refusal = 403
        assert "403" in examine(stage, kafka).find("broker", "proxy", "failed")


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no ::1")
def test_a_broker_by_its_address_in_brackets(stage):
    doctor = examine(stage, sink(stage, listener="ipv6"))
    assert doctor.code == 0, doctor.text
    assert "::1" in doctor.find("broker [::1]", "tcp", "ok")


def test_the_database_is_away_or_refuses(stage):
    away = stage.database_url.replace(stage.database_url.rsplit(":", 1)[1].split("/")[0],
                                      str(free_ports(1)[0]))
    told = examine(stage, url=away).find("database", "connection", "failed")
    assert "refused" in told and "database.url" in told
    head, tail = stage.database_url.split("@")
    doctor = examine(stage, url=f"{head}wrong@{tail}")
    assert "authentication failed" in doctor.find("database", "connection", "failed")
    doctor.find("database", "schema", "skipped")
    told = examine(stage, url=stage.database_url + "-absent")
    assert "does not exist" in told.find("database", "connection", "failed")


def test_the_database_without_permission(stage):
    owner = stage.connect()
    owner.execute("CREATE SCHEMA locked")
    owner.execute("REVOKE ALL ON SCHEMA locked FROM PUBLIC")
    admin = stage.postgres.url(stage.database_url.rsplit("/", 1)[1], "postgres")
    stage.postgres.psql(admin, "ALTER SCHEMA locked OWNER TO postgres; "
                               f"GRANT USAGE ON SCHEMA locked TO {stage.postgres.USER}")
    told = examine(stage, url=stage.database_url + "?options=-csearch_path%3Dlocked")
    assert "may not make tables in schema locked" in told.find("database", "permission", "failed")


def test_a_schema_of_another_version(stage):
    assert stage.consumer().call("migrate").returncode == 0
    database = stage.connect()
    database.execute("INSERT INTO schema_migrations VALUES ('9999')")
    assert "a newer picket-consumer" in examine(stage).find("database", "schema", "failed")
    database.execute("DELETE FROM schema_migrations WHERE version <> '0001'")
    database.execute("DELETE FROM schema_migrations")
    assert "no tables yet" in examine(stage).find("database", "schema", "ok")


def test_configuration_errors_end_with_78(stage):
    doctor = examine(stage, url="mysql://somewhere")
    assert doctor.code == 78
    assert "database.url" in doctor.find("configuration", "settings", "failed")
