"""`picket probe URL`: one probe of a real server, seen as a person sees it and as JSON."""

import datetime
import json

import pytest


def probe(stage, path: str, door: str = "http", *flags: str) -> tuple[int, dict]:
    """Exit code and record of one probe that trusts the test's CA."""
    done = stage.picket("probe", stage.sites.url(path, door), "--json",
                        "--ca-file", stage.servers.pki.ca, *flags)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_up(stage):
    code, record = probe(stage, "/good", "https")
    assert (code, record["outcome"], record["status_code"], record["error"]) == (0, "up", 200, None)
    assert record["tls_version"] == "1.3"
    assert record["ip"] == "127.0.0.1"


def test_what_a_person_sees(stage):
    done = stage.picket("probe", stage.sites.url("/good"))
    assert done.returncode == 0
    assert "up" in done.stdout and "200" in done.stdout


@pytest.mark.parametrize("path, error, status", [
    ("/failing", "status", 500),
    ("/status?code=404", "status", 404),
    ("/reset", "reset", None),
    ("/garbage", "http_protocol", None),
])
def test_down(stage, path, error, status):
    code, record = probe(stage, path)
    assert (code, record["outcome"], record["error"], record["status_code"]) == (
        1, "down", error, status)
    if status is None:
        assert record["response_time"] is None  # never 0


@pytest.mark.parametrize("regex, code, matches", [("ok", 0, True), ("^nothing$", 1, False)])
def test_regexp_decides(stage, regex, code, matches):
    got, record = probe(stage, "/good", "http", "--regex", regex)
    assert (got, record["regex"], record["regex_check"]) == (code, regex, matches)


def test_refused_connection_is_down(stage):
    done = stage.picket("probe", "http://127.0.0.1:1/", "--json")
    assert (done.returncode, json.loads(done.stdout)["error"]) == (1, "connect")


def test_unknown_name_is_down(stage):
    done = stage.picket("probe", "http://no-such-name.invalid/", "--json")
    record = json.loads(done.stdout)
    # A machine without any name server cannot tell: then it is the agent's own uplink.
    assert (done.returncode, record["outcome"], record["error"]) in (
        (1, "down", "dns"), (2, "unknown", "local"), (2, "unknown", "dns"))


@pytest.mark.parametrize("path", ["/silent", "/drip?ms=100"])
def test_timeout(stage, path):
    code, record = probe(stage, path, "http", "--timeout", "500ms")
    assert (code, record["error"]) == (1, "timeout")


def test_redirects_are_followed_and_counted(stage):
    code, record = probe(stage, "/redirect?times=3")
    assert (code, record["status_code"], record["redirects"]) == (0, 200, 3)
    # The phases of all hops together are what the whole took.
    phases = [value for value in record["phases"].values() if value is not None]
    assert all(value >= 0 for value in phases)
    assert 0 < sum(phases) <= record["response_time"] * 1.05 + 1


def test_redirects_have_an_end(stage):
    code, record = probe(stage, "/loop")
    assert (code, record["outcome"], record["error"]) == (1, "down", "too_many_redirects")


def test_body_is_capped(stage):
    for path in ("/big?bytes=3000000", "/endless"):
        code, record = probe(stage, path)
        assert (code, record["error"]) == (1, "too_large")
        assert record["bytes"] <= 1.1 * 1024 * 1024


def test_phases_say_where_the_time_went(stage):
    _, record = probe(stage, "/slow?ms=300", "https")
    phases = record["phases"]
    assert set(phases) == {"dns", "connect", "tls", "ttfb", "transfer"}
    assert 290 < phases["ttfb"] < 1000
    assert 0 < phases["tls"] < 200
    assert phases["connect"] < 50
    assert record["response_time"] >= 300
    _, plain = probe(stage, "/good")
    assert plain["phases"]["tls"] is None


@pytest.mark.parametrize("door, days", [("https", 7), ("https_expired", -2)])
def test_certificate_expiry_is_told_also_when_it_is_over(stage, door, days):
    code, record = probe(stage, "/good", door)
    until = datetime.datetime.fromisoformat(record["cert_not_after"])
    left = until - datetime.datetime.now(datetime.UTC)
    assert abs(left - datetime.timedelta(days=days)) < datetime.timedelta(hours=2)
    assert code == (0 if days > 0 else 1)


@pytest.mark.parametrize("door, words", [
    ("https_expired", "expired"),
    ("https_wrong_name", "localhost"),
    ("https_stranger", "ca"),
])
def test_bad_certificate_is_down_and_says_why(stage, door, words):
    code, record = probe(stage, "/good", door)
    assert (code, record["outcome"], record["error"]) == (1, "down", "certificate")
    assert words in record["error_detail"].lower()


def test_not_a_url_is_a_usage_error(stage):
    done = stage.picket("probe", "ftp://example.org/")
    assert done.returncode == 64
    assert "ftp" in done.stderr
