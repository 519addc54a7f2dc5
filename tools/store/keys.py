"""What a result was made from, as the key that it is stored under: equal keys, equal results, wherever they were made.

A key is the hex sha256 of canonical JSON.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from tools.catalog.signatures import VERSION
from tools.values import encode_json

RULE_VERSION = 1  # raised when what is stored changes its shape


def catalog_key(artifact: str, content: str) -> str:
    """Return the key of an artifact's catalog; ``content`` is what its archive's bytes are known by."""
    return _key("catalog", VERSION, artifact, content)


def product_key(rule: Mapping[str, object], plan: bytes) -> str:
    """Return the key of a wheel or an sdist: of its plan, and of all else that decides its bytes."""
    return _key("product", rule, digest_of(plan))


def digest_of(content: bytes) -> str:
    """Return the key of what is stored under its own bytes."""
    return hashlib.sha256(content).hexdigest()


def _key(*parts: object) -> str:
    return digest_of(encode_json([RULE_VERSION, *parts]))
