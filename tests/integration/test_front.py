"""./run, as a person types it.

PICKET_BUILD_DIR keeps its lock, its logs and its state apart from those of the ./run that tests it.
"""

import os
import re
import subprocess

import pytest

from stage import run_to_end, wait_for_rows
from testbed import paths
from testbed.broker import AGENT, SINK, User
from testbed.process import Process
from testbed.programs import clean_environment
from testbed.wait import wait_until

_RUN = paths.ROOT / "run"
_EXAMPLE = paths.ROOT / ".env.example"
_TEN = {"KAFKA_BOOTSTRAP_SERVERS", "KAFKA_USERNAME", "KAFKA_PASSWORD", "KAFKA_TOPIC",
        "KAFKA_CONSUMER_GROUP", "DATABASE_URL", "WEBSITES", "CHECK_INTERVAL", "REQUEST_TIMEOUT",
        "LOG_LEVEL"}


def run(*words: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run([_RUN, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env=clean_environment(**environment), timeout=60, check=False)


def ten_names(stage, user: User) -> dict[str, str]:
    kafka = stage.kafka(user)
    return {
        "KAFKA_BOOTSTRAP_SERVERS": stage.broker.address(), "KAFKA_TOPIC": stage.topic,
        "KAFKA_USERNAME": kafka["username"], "KAFKA_PASSWORD": kafka["password"],
        "KAFKA_CONSUMER_GROUP": stage.group, "DATABASE_URL": stage.database_url,
        "WEBSITES": f'[{{"name": "good", "url": "{stage.sites.url("/good")}", "regex": "ok"}}]',
        "CHECK_INTERVAL": "0.5", "REQUEST_TIMEOUT": "0.5", "LOG_LEVEL": "INFO",
    }


def start(stage, command: str, user: User) -> Process:
    """Starts it with the ten names in an env file, and with the CA of the tests."""
    kafka = stage.kafka(user)
    names = ten_names(stage, user) | {"PICKET_KAFKA_CA_FILE": kafka["ca_file"],
                                      "PICKET_KAFKA_SASL_MECHANISM": kafka["sasl_mechanism"],
                                      "PICKET_SERVE_LISTEN": "off"}
    env_file = stage.folder / f"{command}.env"
    env_file.touch(mode=0o600)
    env_file.write_text("".join(f"{name}='{value}'\n" for name, value in names.items()))
    process = Process(command, [_RUN, command, "--env-file", env_file],
                      stage.folder / f"{command}.log", cwd=stage.folder,
                      env=clean_environment(PICKET_BUILD_DIR=str(stage.folder / "build")))
    return stage.owns(process).start()


@pytest.mark.skipif("PICKET_BIN_DIR" in os.environ, reason="./run runs what it built itself")
def test_agent_and_consumer_need_the_ten_names(stage):
    agent = start(stage, "agent", AGENT)
    wait_until(lambda: stage.messages(), "records in the topic", 60, alive=[agent])
    buffer = stage.folder / "build" / "state" / "buffer.db"
    assert buffer.exists() and str(buffer.name) in agent.log()
    consumer = start(stage, "consumer", SINK)
    wait_for_rows(stage.connect(), 1, consumer, 60)
    assert agent.stop() == 0
    assert consumer.stop() == 0


def test_example_env_file_suits_both_programs(stage):
    for program in ("picket", "picket-consumer"):
        done = run_to_end(program, ["check-config", "--env-file", _EXAMPLE], stage.folder)
        assert (done.returncode, done.stderr) == (0, ""), program


@pytest.mark.parametrize("every_key", [False, True], ids=["as_it_is", "every_key"])
@pytest.mark.parametrize("program, example", [("picket", "picket.example.yaml"),
                                              ("picket-consumer", "consumer.example.yaml")])
def test_example_configuration_is_one(program, example, every_key, stage):
    text = (paths.ROOT / example).read_text().replace("/etc/picket/", f"{stage.folder}/")
    if every_key:  # what follows the small configuration, less the marks
        keys = text[re.search(r"^#:", text, re.MULTILINE).start():]
        text = re.sub(r"^#:", "", keys, flags=re.MULTILINE)
    for name, value in {"password": "x", "database-url": "postgresql://picket@db.example/picket",
                        "config.yaml": text}.items():
        (stage.folder / name).touch(mode=0o600)
        (stage.folder / name).write_text(value)
    done = run_to_end(program, ["check-config", "--config", "config.yaml"], stage.folder)
    assert (done.returncode, done.stderr) == (0, "")


def test_example_env_file_names_every_variable():
    """The ten are set, the others commented out. The reference page is made from the tables."""
    lines = _EXAMPLE.read_text().splitlines()
    found = [re.match(r"(#?)([A-Z_]+)=", line) for line in lines]
    assert {name[2] for name in found if name and not name[1]} == _TEN
    page = (paths.ROOT / "docs" / "configuration.md").read_text()
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| `")]
    table = {name for cells in rows if len(cells) > 7
             for name in re.findall(r"`([A-Z_]+)`", cells[5])}
    assert {name[2] for name in found if name} == table


def test_another_system_is_told_at_once(tmp_path):
    """Before anything is installed or built: this PATH has no Python and no apt-get."""
    uname = tmp_path / "uname"
    uname.write_text("#!/bin/sh\necho Darwin\n")
    uname.chmod(0o755)
    for command in ("demo", "test", "agent", "clean"):
        done = run(command, PATH=str(tmp_path))
        assert (done.returncode, done.stdout) == (69, "")
        assert done.stderr == "picket needs Linux (this is Darwin)\n"


def test_words_it_does_not_know():
    done = run("dmeo")
    assert done.returncode == 64
    assert "unknown command 'dmeo'" in done.stderr
    for command in ("agent", "test", "torture"):
        assert run(command, "--wrong").returncode == 64


@pytest.mark.parametrize("command", ["demo", "test", "torture", "agent", "consumer"])
def test_help_needs_nothing(command, tmp_path):
    done = run(command, "--help")
    assert done.returncode == 0
    assert f"  {command} [--yes]" in done.stdout
