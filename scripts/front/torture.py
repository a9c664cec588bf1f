"""./run torture: the faults of tests/fault again and again, at random moments, as long as asked."""

import secrets
import sys

from . import build, pytests, results
from .arguments import Parser, at_least_one
from .terminal import Terminal


def main() -> int:
    parser = Parser(prog="./run torture")
    parser.add_argument("--yes", action="store_true", help="install what is missing, do not ask")
    parser.add_argument("--rounds", type=at_least_one, default=50, help="of each fault; usual: 50")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31),
                        help="for the same moments again; default: a new one")
    parser.add_argument("pytest", nargs="*", help="after --: words for pytest, as in -- -k killed")
    options = parser.parse_args()
    terminal = Terminal()
    found = results.Results()
    with build.alone(terminal):
        try:
            terminal.heading("build")
            build.build(terminal)
            terminal.heading("torture", f"{options.rounds} rounds of each fault; "
                             f"the same moments again: --seed {options.seed}")
            found.add(pytests.run(
                terminal, "torture", ["fault"], pytests.TORTURE, options.pytest,
                {"PICKET_ROUNDS": str(options.rounds), "PICKET_SEED": str(options.seed)}))
        except build.Failed as failure:
            terminal.line(str(failure))
            found.failed.append("build")
    results.show(terminal, found)
    if found.failed:
        terminal.line(f"the same again: ./run torture --rounds {options.rounds} "
                      f"--seed {options.seed}")
    return 1 if found.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
