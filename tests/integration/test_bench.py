"""Figures of ./run bench: ratios, targets, how they are shown, what a name asks for; each once."""

import json
import os
import subprocess
import sys

import pytest

from bench import elf, page
from bench.__main__ import chosen
from bench.figures import Figure, table
from bench.measure import cpu_seconds, family_cpu_seconds, in_turn, status
from testbed import paths


def figure(**changes) -> Figure:
    return Figure(**({
        "name": "probe.https.cpu_ms", "unit": "ms", "rounds": (1.0, 1.1, 0.9, 4.0, 1.05),
        "reference": "bare libcurl", "reference_rounds": (1.0, 0.9, 1.2), "target": 1.10}
        | changes))


def test_value_is_the_median_and_the_ratio_that_of_medians():
    assert figure().value == 1.05
    assert figure().reference_value == 1.0
    assert figure().ratio == pytest.approx(1.05)


def test_less_is_better_unless_said_otherwise():
    assert not figure().missed
    assert figure(target=1.04).missed
    assert figure(target=1.10, more_is_better=True).missed
    assert not figure(target=0.5, more_is_better=True).missed


def test_a_target_that_is_just_reached_is_not_missed():
    assert not figure(rounds=(1.1,), reference_rounds=(1.0,)).missed


def test_without_a_target_nothing_is_missed():
    assert not figure(target=None).missed
    assert "missed" not in json.loads(figure(target=None).as_json())


def test_a_reference_has_a_name_and_a_value():
    with pytest.raises(ValueError):
        figure(reference=None)
    with pytest.raises(ValueError):
        figure(reference_rounds=())
    with pytest.raises(ValueError):
        figure(rounds=())


def test_json_is_one_line_with_the_names_that_others_read():
    line = figure(note="quiet").as_json()
    assert "\n" not in line
    assert json.loads(line) == {
        "figure": "probe.https.cpu_ms", "value": 1.05, "unit": "ms", "min": 0.9, "max": 4,
        "rounds": 5, "reference": "bare libcurl", "reference_value": 1, "reference_min": 0.9,
        "reference_max": 1.2, "ratio": 1.05, "target": 1.1, "better": "less", "missed": False,
        "note": "quiet"}


def test_json_leaves_out_what_there_is_not():
    alone = figure(reference=None, reference_rounds=(), target=None)
    assert json.loads(alone.as_json()).keys() == {
        "figure", "value", "unit", "min", "max", "rounds", "better"}


def test_a_large_count_keeps_all_its_digits():
    assert json.loads(figure(rounds=(4237688,)).as_json())["value"] == 4237688


def test_table_marks_what_is_missed():
    lines = table([figure(), figure(name="other", target=0.5),
                   figure(name="alone", reference=None, reference_rounds=(), target=None)])
    assert len(lines) == 4
    assert lines[0].startswith("figure")
    assert lines[1].endswith("<= 1.10  ok")
    assert lines[2].endswith("<= 0.50  MISSED")
    assert lines[3].startswith("alone") and lines[3].endswith("ms")


def test_table_groups_the_digits_of_large_numbers():
    assert "4,237,688" in table([figure(rounds=(4237688,))])[1]


def test_the_page_gets_new_figures_and_keeps_its_text():
    old = f"# Title\n{page.BEGIN}\nold\n{page.END}\nrest\n"
    new = page.renewed(old, [figure(), figure(name="other", target=0.5)], "two cores")
    assert new.startswith(f"# Title\n{page.BEGIN}\n") and new.endswith(f"\n{page.END}\nrest\n")
    assert "old" not in new and "two cores" in new
    assert "| `probe.https.cpu_ms` | 1.05 ms (0.9 to 4) | bare libcurl: 1 | 1.05 | <= 1.10 |" in new
    assert "| `other` | 1.05 ms (0.9 to 4) | bare libcurl: 1 | 1.05 | <= 0.50, **missed** |" in new
    assert page.renewed(new, [figure()], "two cores").count(page.BEGIN) == 1


def test_contenders_take_turns_and_change_the_order():
    calls = []

    def contender(name: str):
        return lambda: calls.append(name) or float(len(calls))

    found = in_turn(3, a=contender("a"), b=contender("b"))
    assert calls == ["a", "b", "b", "a", "a", "b"]
    assert found == {"a": (1, 4, 5), "b": (2, 3, 6)}


def test_names_choose_benches():
    assert chosen([]) == ["footprint", "probe", "kafka.drain", "kafka.cpu", "consumer"]
    assert chosen(["kafka"]) == ["kafka.drain", "kafka.cpu"]
    assert chosen(["kafka.cpu_s_per_million"]) == ["kafka.cpu"]
    assert chosen(["probe.https.cpu_ms", "probe"]) == ["probe"]
    with pytest.raises(ValueError):
        chosen(["nonsense"])


def test_cpu_time_of_a_process_and_its_family():
    words = "sum(range(20_000_000)); print(flush=True); input()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {words!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        assert family_cpu_seconds(process.pid) > cpu_seconds(process.pid) + 0.05
        assert status(process.pid, "Threads") == 1
        assert status(process.pid, "VmRSS") > 1_000_000
        process.stdin.write(b"\n")
        process.stdin.flush()


def test_elf_header_names_machine_and_linkage():
    machine, linkage = elf.describe(paths.program("picket"))
    readelf = subprocess.run(["readelf", "-hl", paths.program("picket")], capture_output=True,
                             text=True, check=True).stdout
    assert {"x86_64": "X86-64", "aarch64": "AArch64", "armv7": "ARM"}[machine] in readelf
    assert (linkage == "static") == ("program interpreter" not in readelf)


@pytest.mark.slow
def test_every_figure_can_be_measured():
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--smoke", "--json"], cwd=paths.ROOT,
        env=os.environ | {"PYTHONPATH": f"{paths.ROOT / 'scripts'}:{paths.ROOT / 'tests'}"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {name["figure"].split(".")[0] for name in found} == {
        "footprint", "probe", "kafka", "consumer"}
    assert all(entry["value"] > 0 for entry in found)
    assert all(entry["ratio"] > 0 for entry in found if "reference" in entry)
