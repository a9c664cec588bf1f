"""What ./run does: build, test, demo. Standard library only, Python 3.11 or newer."""
