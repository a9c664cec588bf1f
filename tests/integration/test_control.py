"""The running agent seen and steered from outside: control socket, reload, service manager."""

import contextlib
import ctypes
import errno
import json
import os
import signal
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stage import run_to_end
from testbed.broker import AGENT
from testbed.wait import wait_until

QUICK = {"interval": "200ms", "timeout": "200ms"}


def status(agent) -> dict:
    said = agent.call("status", "--json")
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


def answers(agent) -> None:
    """Until the agent answers on its control socket."""
    wait_until(lambda: agent.call("status").returncode == 0, "answer", alive=[agent.process])


def site(stage, name: str, path: str = "/good", **more) -> dict:
    return {"name": name, "url": stage.sites.url(path), **more}


def results_of(agent, name: str) -> list[dict]:
    return [shown for shown in status(agent)["sites"]["worst_first"]
            if shown["name"] == name and shown["outcome"]]


def test_status_tells_how_the_agent_is(stage):
    agent = stage.agent([site(stage, "shop"), site(stage, "broken", "/failing")],
                        defaults=QUICK).start()
    answers(agent)
    shown = wait_until(lambda: (found := status(agent))["kafka"]["state"] == "connected"
                       and found["sites"]["up"] == found["sites"]["down"] == 1
                       and found["records"]["acknowledged"] > 0 and found,
                       "connected agent with results", alive=[agent.process])
    assert shown["format"] == 1 and shown["agent"] == "gw-test"
    assert shown["pid"] == agent.process.pid
    assert shown["clock_trusted"] is True
    worst = shown["sites"]["worst_first"]
    assert [one["name"] for one in worst] == ["broken", "shop"]
    assert worst[0]["error"] == "status" and worst[0]["status_code"] == 500
    assert worst[1]["outcome"] == "up" and worst[1]["response_time"] > 0
    text = agent.call("status").stdout
    assert "kafka     connected since" in text and "  down     broken" in text, text
    # Only its owner and root may speak to it.
    assert stat.S_IMODE(os.stat(f"{agent.buffer}.sock").st_mode) == 0o600


def test_status_of_an_agent_without_its_broker_names_the_trouble(stage):
    stage.kill_broker()
    agent = stage.agent().start()
    answers(agent)
    shown = wait_until(lambda: (found := status(agent))["kafka"]["last_error"]
                       and found["buffer"]["records"] > 0 and found,
                       "error and buffered records", 30, alive=[agent.process])
    assert shown["kafka"]["state"] != "connected"
    assert shown["kafka"]["last_error"]["text"]
    stats = json.loads(agent.call("buffer", "stats", "--json").stdout)["buffer"]
    assert stats["records"] > 0 and 0 < stats["bytes"] <= stats["max_bytes"]
    assert stats["oldest"] <= stats["newest"]
    assert "records           " in agent.call("buffer", "stats").stdout


@pytest.mark.parametrize("words", [("status",), ("buffer", "stats"), ("reload",)])
def test_without_an_agent_the_socket_and_the_cure_are_named(stage, words):
    agent = stage.agent()
    said = agent.call(*words)
    assert said.returncode == 69
    assert f"no agent answers at {agent.buffer}.sock" in said.stderr
    assert "--socket" in said.stderr
    if words == ("buffer", "stats"):
        assert f"{agent.buffer} has 0 bytes on disk" in said.stderr


def test_the_socket_can_be_off_or_elsewhere(stage):
    agent = stage.agent(control={"socket": "off"}).start()
    wait_until(lambda: agent.metrics(), "running agent", alive=[agent.process])
    assert not os.path.exists(f"{agent.buffer}.sock")
    said = agent.call("status")
    assert said.returncode == 69 and "control.socket is off" in said.stderr
    assert agent.process.stop() == 0
    agent.configure(control={"socket": "elsewhere.sock"})
    agent.start()
    answers(agent)
    direct = run_to_end("picket", ["status", "--socket", "elsewhere.sock"], stage.folder)
    assert direct.returncode == 0
    assert agent.process.stop() == 0
    assert not os.path.exists(stage.folder / "elsewhere.sock")


def test_a_dead_agents_socket_is_replaced_and_a_living_ones_is_not(stage):
    place = stage.folder / "c.sock"
    first = stage.agent(control={"socket": str(place)}).start()
    answers(first)
    first.process.kill()
    assert place.exists()
    first.start()
    answers(first)
    second = stage.agent(control={"socket": str(place)},
                         buffer={"path": str(stage.folder / "other.db")})
    second.start()
    assert second.process.wait(10) == 69
    assert "control.socket" in second.process.log()
    assert "another agent answers there" in second.process.log()
    assert status(first)["pid"] == first.process.pid
    assert first.process.stop() == 0
    place.write_text("a user's file")
    first.start()
    assert first.process.wait(10) == 69
    assert "is no socket" in first.process.log()
    assert place.read_text() == "a user's file"


def test_strange_requests_are_refused_and_the_next_one_is_answered(stage):
    agent = stage.agent().start()
    answers(agent)
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(f"{agent.buffer}.sock")
        client.sendall(b"dance\n" + b"x" * 300 + b"\n")
        lines = client.makefile("rb")
        assert "known: status" in json.loads(lines.readline())["error"]["text"]
        assert json.loads(lines.readline())["ok"] is False
    assert status(agent)["ok"] is True


def test_reload_adds_changes_and_removes_sites_while_others_flow(stage):
    sites = [site(stage, "stays"), site(stage, "changes"), site(stage, "goes")]
    agent = stage.agent(sites, defaults=QUICK).start()
    wait_until(lambda: agent.acknowledged() >= 6, "records", alive=[agent.process])
    agent.configure(sites=[site(stage, "stays"), site(stage, "changes", "/failing"),
                           site(stage, "new")], log={"level": "debug"})
    said = agent.call("reload")
    assert said.returncode == 0, said.stderr
    assert said.stdout == ("sites added: new\nsites changed: changes\nsites removed: goes\n"
                           "applied: log.level\nreloaded\n")
    wait_until(lambda: results_of(agent, "new") and results_of(agent, "changes"),
               "results of the new sites", alive=[agent.process])
    shown = status(agent)
    assert {one["name"] for one in shown["sites"]["worst_first"]} == {"stays", "changes", "new"}
    assert results_of(agent, "changes")[0]["status_code"] == 500
    assert agent.process.stop() == 0
    # Nothing is lost, and what the removed site had brought is there as well.
    records = stage.values()
    seqs = sorted(record["seq"] for record in records)
    assert seqs == list(range(1, len(seqs) + 1))
    assert {record["name"] for record in records} == {"stays", "changes", "goes", "new"}


def test_a_bad_file_changes_nothing_and_is_told_with_its_place(stage):
    agent = stage.agent().start()
    wait_until(lambda: agent.acknowledged() >= 1, "records", alive=[agent.process])
    before = dict(agent.config)
    agent.configure(defaults={"intervall": "1s"})
    said = agent.call("reload")
    assert said.returncode == 78
    assert f"{agent.config_path}:" in said.stderr
    assert "unknown key 'defaults.intervall' (did you mean 'interval'?)" in said.stderr
    assert "the one before stays in force" in agent.process.log()
    metrics = agent.metrics()
    assert metrics['picket_config_reloads_total{result="refused"}'] == 1
    assert metrics["picket_config_last_reload_successful"] == 0
    count = agent.acknowledged()
    wait_until(lambda: agent.acknowledged() >= count + 3, "more records", alive=[agent.process])
    # By the signal, too, and then with a good file.
    agent.process.send(signal.SIGHUP)
    wait_until(lambda: agent.metric("picket_config_reloads_total") == 2, "second reload",
               alive=[agent.process])
    agent.configure(**before)
    agent.process.send(signal.SIGHUP)
    wait_until(lambda: agent.metric("picket_config_last_reload_successful") == 1,
               "a good reload", alive=[agent.process])


def test_what_needs_a_restart_is_named_and_stays(stage):
    agent = stage.agent().start()
    answers(agent)
    agent.configure(buffer={**agent.config["buffer"], "window": 50, "drain_rate": 10},
                    serve={"listen": "127.0.0.1:1"})
    said = agent.call("reload")
    assert said.returncode == 0
    assert "applied: buffer.drain_rate" in said.stdout
    assert "only a restart applies it: buffer.window, serve.listen" in said.stdout
    assert agent.metrics() is not None
    assert status(agent)["config"]["restart_needed"] == ["buffer.window", "serve.listen"]
    assert "only a restart applies it: buffer.window, serve.listen" in agent.process.log()


def test_a_rotated_password_needs_no_restart(stage):
    secret = stage.folder / "password"
    secret.write_text("wrong\n")
    secret.chmod(0o600)
    login = {name: value for name, value in stage.kafka().items() if name != "password"}
    agent = stage.agent(kafka={**login, "password_file": str(secret)}).start()
    answers(agent)
    wait_until(lambda: (status(agent)["kafka"]["last_error"] or {}).get("kind") == "auth",
               "refused login", 30, alive=[agent.process])
    secret.write_text(AGENT.password + "\n")
    said = agent.call("reload")
    assert said.returncode == 0 and "applied: kafka.password" in said.stdout, said
    wait_until(lambda: agent.acknowledged() >= 5, "records", alive=[agent.process])
    assert agent.process.stop() == 0
    seqs = sorted(value["seq"] for value in stage.values())
    assert seqs == list(range(1, len(seqs) + 1))
    assert AGENT.password not in agent.process.log()


def test_other_authorities_for_the_sites_count_at_once(stage):
    pki = stage.servers.pki
    secure = {"name": "secure", "url": stage.sites.url("/good", "https")}
    slow = {"interval": "500ms", "timeout": "500ms"}
    agent = stage.agent([secure], defaults={**slow, "ca_file": str(pki.other_ca)}).start()
    answers(agent)
    wait_until(lambda: (found := results_of(agent, "secure"))
               and found[0]["error"] == "certificate", "refused certificate",
               alive=[agent.process])
    agent.configure(defaults={**slow, "ca_file": str(pki.ca)})
    assert agent.call("reload").stdout == "applied: defaults.ca_file\nreloaded\n"
    wait_until(lambda: results_of(agent, "secure")[0]["outcome"] == "up", "accepted certificate",
               alive=[agent.process])
    # A file without a certificate is refused as a whole, and the good one stays.
    empty = stage.folder / "empty.pem"
    empty.write_text("")
    agent.configure(defaults={**slow, "ca_file": str(empty)})
    said = agent.call("reload")
    assert said.returncode == 78 and "empty.pem" in said.stderr
    count = agent.acknowledged()
    wait_until(lambda: agent.acknowledged() >= count + 2, "more records", alive=[agent.process])
    assert results_of(agent, "secure")[0]["outcome"] == "up"


def test_a_property_that_librdkafka_refuses_leaves_the_old_producer_at_work(stage):
    agent = stage.agent().start()
    wait_until(lambda: agent.acknowledged() >= 1, "records", alive=[agent.process])
    agent.configure(kafka={**agent.config["kafka"], "librdkafka": {"linger.mss": "5"}})
    said = agent.call("reload")
    assert said.returncode == 78 and "linger.mss" in said.stderr
    count = agent.acknowledged()
    wait_until(lambda: agent.acknowledged() >= count + 3, "more records", alive=[agent.process])


def test_sigterm_drains_to_disk_within_five_seconds_while_the_broker_hangs(stage):
    """The broker is frozen with records in flight: none may be lost, and nobody waits for it."""
    first = stage.agent(buffer={"spill_after": "60s"}).start()
    wait_until(lambda: first.acknowledged() >= 5, "records", alive=[first.process])
    stage.broker.process.pause()
    wait_until(lambda: first.metric("picket_window_records") >= 20, "records in the window",
               alive=[first.process])
    assert first.metric("picket_buffer_records") == 0
    stamped = first.metrics()['picket_records_stamped_total{stream="probe"}']
    began = time.monotonic()
    assert first.process.stop(10) == 0
    assert time.monotonic() - began < 5
    stage.broker.process.resume()
    second = stage.agent().start()
    wait_until(lambda: second.metric("picket_buffer_records") == 0
               and second.acknowledged() >= 20, "drained buffer", 60, alive=[second.process])
    assert second.process.stop() == 0
    lanes: dict[str, set[int]] = {}
    for value in stage.values():
        lanes.setdefault(value["epoch"], set()).add(value["seq"])
    old = max(lanes.values(), key=len)
    for seqs in lanes.values():
        assert seqs == set(range(1, len(seqs) + 1))
    assert len(old) >= stamped


def keeper_thread(pid: int) -> int:
    """The thread by the name of "keeper"."""
    found = [int(task.name) for task in Path(f"/proc/{pid}/task").iterdir()
             if (task / "comm").read_text().strip() == "keeper"]
    assert len(found) == 1, found
    return found[0]


@contextlib.contextmanager
def stopped(thread: int) -> Iterator[None]:
    """That thread stands still, while the others of its process go on: ptrace(2)."""
    seize, interrupt, detach, wall = 0x4206, 0x4207, 17, 0x40000000
    libc = ctypes.CDLL(None, use_errno=True)

    def trace(request: int) -> None:
        if libc.ptrace(request, thread, None, None) == 0:
            return
        if request == seize and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS):
            pytest.skip("ptrace(2) is not permitted here")
        raise OSError(ctypes.get_errno(), f"ptrace {request:#x}")

    trace(seize)
    trace(interrupt)
    os.waitpid(thread, wall)
    try:
        yield
    finally:
        trace(detach)


class Manager:
    """The service manager's end of sd_notify."""

    def __init__(self, address: str):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address)
        self._socket.setblocking(False)
        self.messages: list[str] = []

    def heard(self, part: str) -> list[str]:
        while True:
            try:
                self.messages.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return [message for message in self.messages if part in message]

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path: Path):
    name = str(tmp_path / "n") if request.param == "path" else f"\0picket-test-{os.getpid()}"
    made = Manager(name)
    made.variable = name.replace("\0", "@")
    yield made
    made.close()


def test_the_service_manager_hears_of_start_reload_life_and_end(stage, manager):
    agent = stage.agent()
    agent.environment |= {"NOTIFY_SOCKET": manager.variable, "WATCHDOG_USEC": "400000"}
    agent.start()
    wait_until(lambda: manager.heard("READY=1"), "READY", alive=[agent.process])
    assert "STATUS=kafka" in manager.heard("READY=1")[0]
    wait_until(lambda: len(manager.heard("WATCHDOG=1")) >= 5, "signs of life",
               alive=[agent.process])
    assert agent.call("reload").returncode == 0
    wait_until(lambda: len(manager.heard("READY=1")) == 2, "READY again", alive=[agent.process])
    assert "MONOTONIC_USEC=" in manager.heard("RELOADING=1")[0]
    assert agent.process.stop() == 0
    assert manager.heard("STOPPING=1")


def test_the_watchdog_goes_without_when_the_keeper_hangs(stage, manager):
    """One thread is stopped, by ptrace(2), as a hanging disk would stop it; the loop turns on."""
    agent = stage.agent()
    agent.environment |= {"NOTIFY_SOCKET": manager.variable, "WATCHDOG_USEC": "400000"}
    agent.start()
    wait_until(lambda: len(manager.heard("WATCHDOG=1")) >= 3, "signs of life",
               alive=[agent.process])
    quiet_since, count = 0.0, -1

    def quiet() -> bool:
        nonlocal quiet_since, count
        if (now := len(manager.heard("WATCHDOG=1"))) != count:
            quiet_since, count = time.monotonic(), now
        return time.monotonic() - quiet_since > 1

    with stopped(keeper_thread(agent.process.pid)):
        # An answer that was under way may still be passed on.
        wait_until(quiet, "second without a sign of life", 10, alive=[agent.process])
        assert agent.get("/healthz")[0] == 200
        assert agent.call("status").returncode == 0
    wait_until(lambda: len(manager.heard("WATCHDOG=1")) > count, "sign of life again", 10,
               alive=[agent.process])
    assert agent.process.stop() == 0


def test_the_service_manager_hears_of_the_consumer(stage, manager):
    consumer = stage.consumer()
    consumer.environment |= {"NOTIFY_SOCKET": manager.variable, "WATCHDOG_USEC": "1000000"}
    assert stage.topic
    consumer.start()
    wait_until(lambda: manager.heard("READY=1"), "READY", alive=[consumer.process])
    wait_until(lambda: len(manager.heard("WATCHDOG=1")) >= 3, "signs of life",
               alive=[consumer.process])
    # A database that is away is waited for: that is no reason to be restarted.
    stage.postgres.stop()
    count = len(manager.heard("WATCHDOG=1"))
    wait_until(lambda: len(manager.heard("WATCHDOG=1")) >= count + 4, "signs of life without it",
               alive=[consumer.process])
    stage.postgres.start()
    assert consumer.process.stop() == 0
    assert manager.heard("STOPPING=1")
