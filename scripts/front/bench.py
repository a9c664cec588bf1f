"""./run bench: builds picket and the reference programs, measures, prints figures beside them."""

import os
import sys

from testbed import paths

from . import build, venv
from .arguments import Parser
from .terminal import Terminal


def main() -> int:
    parser = Parser(prog="./run bench")
    parser.add_argument("--yes", action="store_true", help="install what is missing, do not ask")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--smoke", action="store_true",
                        help="little of everything: shows that it can be measured, no more")
    parser.add_argument("--docs", action="store_true",
                        help="put what was measured into docs/performance.md")
    parser.add_argument("names", nargs="*", metavar="NAME", help="begin of figures' names: probe")
    options = parser.parse_args()
    terminal = Terminal(sys.stderr)  # standard output is for figures
    words = [f"--{name}" for name in ("json", "smoke", "docs") if getattr(options, name)]
    with build.alone(terminal):
        try:
            terminal.heading("build")
            build.build(terminal, ("picket", "picket-consumer", "bench_programs"))
            python = venv.python(terminal)
        except build.Failed as failure:
            terminal.line(str(failure))
            return 1
        terminal.heading("bench")
        return build.stream([python, "-m", "bench", *words, *options.names], env={
            "PYTHONPATH": os.pathsep.join(
                str(paths.ROOT / folder) for folder in ("scripts", "tests"))})


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
