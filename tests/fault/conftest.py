"""How often a fault comes, and at which moments. ./run torture sets both, and prints the seed."""

import os
import random

import pytest


@pytest.fixture
def rounds() -> int:
    """PICKET_ROUNDS; 1 in ./run test."""
    return int(os.environ.get("PICKET_ROUNDS", "1"))


@pytest.fixture
def dice(request) -> random.Random:
    """Random moments of this test, the same ones for the same PICKET_SEED."""
    return random.Random(f"{os.environ.get('PICKET_SEED', '0')} {request.node.name}")
