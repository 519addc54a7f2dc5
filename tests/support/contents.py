"""Contents that compress more, less or not at all."""

from __future__ import annotations

import random


def sample(seed: int, size: int) -> bytes:
    """Return bytes of a kind that depends on the seed: one symbol, some, or noise."""
    generator = random.Random(seed)
    return bytes(generator.choices(range(generator.randrange(1, 257)), k=size))
