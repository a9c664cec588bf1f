"""A wrong configuration is refused with exit code 78 and the place of the error."""

import re

import pytest

from stage import run_to_end

KAFKA = "kafka: {brokers: ['localhost:9094'], topic: t, username: u, password: p}\n"

# What is wrong -> the sites part, with @ before the place of the error, and words of the message.
AGENT_ERRORS = {
    "unknown key": ("sites:\n  - {name: a, url: 'http://a.example', @intervall: 5s}\n",
                    "unknown key 'intervall' (did you mean 'interval'?)"),
    "wrong type": ("sites:\n  - {name: a, url: 'http://a.example', interval: @[1, 2]}\n",
                   "interval"),
    "not a duration": ("sites:\n  - {name: a, url: 'http://a.example', interval: @soon}\n",
                       "soon"),
    "bad URL": ("sites:\n  - {name: a, url: @'gopher://a.example'}\n", "gopher"),
    "bad regexp": ("sites:\n  - {name: a, url: 'http://a.example', regex: @'(ok'}\n", "regex"),
    "duplicate site": ("sites:\n  - {name: a, url: 'http://a.example'}\n"
                       "  - {name: @a, url: 'http://b.example'}\n", "'a'"),
    "empty sites": ("sites: @[]\n", "sites"),
    "tab for indentation": ("sites:\n@\t- http://a.example\n", ""),
}


def place(file: str, text: str) -> tuple[str, str]:
    """The text without its @, and where that was, as the programs write it."""
    before, _, after = text.partition("@")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return before + after, f"{file}:{line}:{column}: error: "


@pytest.mark.parametrize("command", ["check-config", "run"])
@pytest.mark.parametrize("wrong", AGENT_ERRORS)
def test_agent_config_error(stage, wrong, command):
    sites, words = AGENT_ERRORS[wrong]
    text, where = place("picket.yaml", KAFKA + sites)
    (stage.folder / "picket.yaml").write_text(text)
    done = stage.picket(command, "--config", "picket.yaml", seconds=10)
    assert done.returncode == 78
    assert done.stdout == ""
    assert re.search("^" + re.escape(where) + ".*" + re.escape(words), done.stderr,
                     re.MULTILINE), f"wanted {where}...{words}, got\n{done.stderr}"


def test_no_sites_at_all(stage):
    (stage.folder / "picket.yaml").write_text(KAFKA)
    done = stage.picket("check-config", "--config", "picket.yaml")
    assert done.returncode == 78
    assert "sites" in done.stderr


def test_a_good_config_is_called_good(stage):
    (stage.folder / "picket.yaml").write_text(KAFKA + "sites: [http://a.example]\n")
    done = stage.picket("check-config", "--config", "picket.yaml")
    assert done.returncode == 0, done.stderr


def test_bad_environment_is_a_config_error_too(stage):
    done = stage.picket("check-config", WEBSITES="[{", KAFKA_BOOTSTRAP_SERVERS="localhost:1",
                        KAFKA_TOPIC="t")
    assert done.returncode == 78
    assert "WEBSITES" in done.stderr


def test_secrets_are_not_printed(stage):
    (stage.folder / "picket.yaml").write_text(
        "kafka: {brokers: ['a:9094'], topic: t, username: u, password: hush-hush}\n"
        "sites: ['http://a.example/']\n")
    done = stage.picket("print-config", "--config", "picket.yaml")
    assert done.returncode == 0, done.stderr
    assert "a.example" in done.stdout
    assert "hush-hush" not in done.stdout + done.stderr


def test_a_secret_in_a_url_is_refused_and_not_repeated(stage):
    """A record carries its URL to everybody who reads the topic."""
    (stage.folder / "picket.yaml").write_text(
        KAFKA + "sites: ['http://user:hush-hush@a.example/']\n")
    done = stage.picket("check-config", "--config", "picket.yaml")
    assert done.returncode == 78
    assert "hush-hush" not in done.stdout + done.stderr


CONSUMER_ERRORS = {
    "unknown key": ("database: {url: 'postgresql://x'}\nbatch: {@recods: 5}\n", "recods"),
    "wrong type": ("database: {url: @[1]}\n", "url"),
    "bad duration": ("database: {url: 'postgresql://x'}\nbatch: {wait: @fast}\n", "fast"),
}


@pytest.mark.parametrize("wrong", CONSUMER_ERRORS)
def test_consumer_config_error(stage, wrong):
    part, words = CONSUMER_ERRORS[wrong]
    text, where = place("consumer.yaml", KAFKA.replace("}", ", group: g}") + part)
    (stage.folder / "consumer.yaml").write_text(text)
    done = run_to_end("picket-consumer", ["check-config", "--config", "consumer.yaml"],
                      stage.folder, 10)
    assert done.returncode == 78
    assert re.search("^" + re.escape(where) + ".*" + re.escape(words), done.stderr,
                     re.MULTILINE), f"wanted {where}...{words}, got\n{done.stderr}"
