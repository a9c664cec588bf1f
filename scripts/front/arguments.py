"""Command lines of ./run."""

import argparse
import os


class Parser(argparse.ArgumentParser):
    """Ends with EX_USAGE (64) on words it does not know, as the programs do."""

    def error(self, message: str):
        self.print_usage()
        self.exit(os.EX_USAGE, f"{self.prog}: {message}\n")
