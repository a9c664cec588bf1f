"""./run agent, ./run consumer: the program in the foreground, with the user's own services."""

import os
import re
import subprocess
import sys
from pathlib import Path

from testbed import paths

from . import build
from .arguments import Parser
from .terminal import Terminal

_PROGRAMS = {"agent": "picket", "consumer": "picket-consumer"}
# print-config notes behind a value where it comes from; behind a default there is nothing.
_DEFAULT_BUFFER = re.compile(r"^buffer:\n  path: \S+$", re.MULTILINE)


def main() -> int:
    layer = sys.argv[1]
    parser = Parser(prog=f"./run {layer}")
    parser.add_argument("--yes", action="store_true", help="install what is missing, do not ask")
    parser.add_argument("--env-file", type=Path, metavar="FILE", help="default: .env, if there")
    parser.add_argument("--config", type=Path, metavar="FILE", help="its YAML file")
    parser.add_argument("words", nargs="*", help=f"after --: more words for {_PROGRAMS[layer]} run")
    options = parser.parse_args(sys.argv[2:])
    terminal = Terminal(sys.stderr)  # standard output is the program's, as in: -- --stdout
    sources = _sources(options.env_file, options.config)
    try:
        with build.alone(terminal):
            program = _build(terminal, layer)
    except build.Failed as failure:
        terminal.line(str(failure))
        return 1
    environment = dict(os.environ)
    if layer == "agent":
        printed = subprocess.run([program, "print-config", *sources], stdin=subprocess.DEVNULL,
                                 capture_output=True, text=True, check=False)
        if printed.returncode == 0 and _DEFAULT_BUFFER.search(printed.stdout):
            # The default, in /var/lib, is for a service that root has installed.
            buffer = paths.build_dir() / "state" / "buffer.db"
            buffer.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            environment["PICKET_BUFFER_PATH"] = str(buffer)
            terminal.line(f"   unsent results are kept in {build.shown(buffer)} "
                          "(PICKET_BUFFER_PATH or buffer.path: somewhere else)")
    words = [str(program), "run", *map(str, sources), *options.words]
    terminal.line("   " + " ".join([build.shown(program), *words[1:]]))
    os.execve(program, words, environment)


def _sources(env_file: Path | None, config: Path | None) -> list:
    """The same flags for whichever command of the program."""
    if env_file is None and Path(".env").is_file():
        env_file = Path(".env")
    given = {"--env-file": env_file, "--config": config}
    return [word for flag, path in given.items() if path for word in (flag, path)]


def _build(terminal: Terminal, layer: str) -> Path:
    """The program, from the default build if there is one already, else built alone."""
    name = _PROGRAMS[layer]
    everything = (paths.ROOT / "build" / "default" / "CMakeCache.txt").exists()
    preset = "default" if everything else layer
    build.build(terminal, (name,), preset)
    return paths.ROOT / "build" / preset / layer / name


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
