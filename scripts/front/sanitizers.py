"""The unit tests, and a run from end to end, in builds with GCC's sanitizers."""

import platform
import subprocess
import tempfile
from pathlib import Path

from testbed import paths

from . import build, pytests, results
from .terminal import Terminal

# Preset -> the sanitizers of its build.
PRESETS = {"asan": "address,undefined", "tsan": "thread"}
# Records from the probe to PostgreSQL, a broker that is gone for a while, both programs ended in peace.
_END_TO_END = ("test_records_in_kafka_keep_the_contract or test_broker_killed_mid_run or "
               "test_audit_of_a_clean_run_misses_nothing or "
               "test_both_programs_stop_cleanly_on_both_signals")
_OPTIONS = "halt_on_error=1:abort_on_error=0:exitcode=66"


def run(terminal: Terminal, preset: str, found: results.Results) -> None:
    """Builds it, runs its unit tests and the run from end to end, and adds what became of them."""
    terminal.heading(f"sanitizers: {PRESETS[preset]}", "unit tests, then agent and consumer")
    with tempfile.TemporaryDirectory() as folder:
        wrapper = _wrapper(PRESETS[preset], Path(folder))
    if wrapper is None:
        found.skipped.append(f"{preset}: a program built with -fsanitize={PRESETS[preset]} "
                             "does not start on this machine")
        return
    build.build(terminal, preset=preset)
    env = {
        "ASAN_OPTIONS": f"{_OPTIONS}:detect_stack_use_after_return=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "TSAN_OPTIONS": f"{_OPTIONS}:suppressions={paths.ROOT / 'tests' / 'tsan.supp'}",
    }
    report = pytests.report_file(f"ctest-{preset}.xml")
    code = build.stream([*wrapper, "ctest", "--preset", preset, "--output-junit", report], env)
    found.add(results.read(f"ctest-{preset}", report, code).named(preset))
    found.add(pytests.run(
        terminal, f"pytest-{preset}", ["integration"], pytests.USUAL, ["-k", _END_TO_END],
        env | {"PICKET_BIN_DIR": str(_programs(preset))}, wrapper).named(preset))


def _wrapper(sanitizers: str, folder: Path) -> list[str] | None:
    """What such a program must be started with here: nothing, or setarch, because ThreadSanitizer of
    GCC 12 cannot live with all address layouts of new kernels. None: it does not start at all.
    """
    source, program = folder / "empty.cc", folder / "empty"
    source.write_text("int main() {}\n")
    made = subprocess.run(["c++", f"-fsanitize={sanitizers}", source, "-o", program],
                          capture_output=True, check=False)
    if made.returncode != 0:
        return None
    for wrapper in ([], ["setarch", platform.machine(), "--addr-no-randomize"]):
        # Several times: the layout is a matter of luck.
        if all(_starts([*wrapper, str(program)]) for _ in range(10)):
            return wrapper
    return None


def _starts(words: list[str]) -> bool:
    try:
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _programs(preset: str) -> Path:
    """A folder with all programs of that build, as PICKET_BIN_DIR wants it."""
    tree = paths.ROOT / "build" / preset
    folder = tree / "programs"
    folder.mkdir(exist_ok=True)
    for program in (tree / "agent" / "picket", tree / "consumer" / "picket-consumer",
                    *(tree / "bin").iterdir()):
        link = folder / program.name
        link.unlink(missing_ok=True)
        link.symlink_to(program)
    return folder
