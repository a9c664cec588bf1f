"""One set of real servers a session (those of tests/.env, if there is one).

Every test has a topic, a database and a folder of its own.
"""

import fcntl
from collections.abc import Iterator

import pytest

from stage import Stage
from testbed import paths
from testbed.admin import Admin
from testbed.servers import Servers
from user_services import ENV_FILE, UserServices, read_env

_FOLDER = paths.testbed_dir() / "pytest"


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers | UserServices]:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with open(_FOLDER / "lock", "w") as lock:
        # A second session waits: it would sweep this one's folders away.
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = _FOLDER / "servers"
        theirs = UserServices(folder, read_env(ENV_FILE)) if ENV_FILE.exists() else None
        with theirs or Servers(folder, odd=True) as running:
            yield running


@pytest.fixture(scope="session")
def admin(servers: Servers | UserServices) -> Admin:
    """Kafka's administrator, who also gave the agent and the sink their rights on picket.*"""
    kafka = servers.admin() if isinstance(servers, UserServices) else Admin(servers.broker)
    kafka.warm_up(f"{servers.topic_prefix}warm-up")
    kafka.grant_prefix(servers.topic_prefix)
    return kafka


@pytest.fixture
def stage(request, servers: Servers | UserServices, admin: Admin) -> Iterator[Stage]:
    with Stage.of_test(request, servers, admin) as made:
        yield made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows the ends of the logs of its processes."""
    report = yield
    stage = getattr(item, "funcargs", {}).get("stage")
    if stage and report.failed:
        for process in stage.processes():
            report.sections.append((f"end of the log of {process.name}", process.log_tail(60)))
    return report
