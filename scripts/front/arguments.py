"""Command lines of ./run."""

import argparse
import os


class Parser(argparse.ArgumentParser):
    """Ends with EX_USAGE (64) on words it does not know, as the programs do."""

    def error(self, message: str):
        self.print_usage()
        self.exit(os.EX_USAGE, f"{self.prog}: {message}\n")


def at_least_one(word: str) -> int:
    """Type of an argument that is a count."""
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number
