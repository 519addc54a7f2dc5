"""What must hold of a published index at every moment, whoever was killed when."""

from __future__ import annotations

import hashlib
import re
from typing import Protocol
from urllib.parse import unquote


class Readable(Protocol):
    """A store, or what anyone sees of it."""

    def read(self, name: str) -> bytes | None:
        """Return the bytes of a file, None where there is none."""


def named(store: Readable) -> dict[str, str]:
    """Return name and sha256 of every file that any page of the index names."""
    found = {}
    for page in ("index.html", "simple/rocm/index.html", "simple/rocm-sdk-core/index.html"):
        text = (store.read(page) or b"").decode()
        for name, digest in re.findall(r'<a href="(?:\.\./\.\./)?([^#"]+)#sha256=([0-9a-f]{64})"', text):
            assert found.setdefault(unquote(name), digest) == digest
    return found


def check(store: Readable) -> dict[str, str]:
    """Check what must hold at every moment, and return what the index names."""
    files = named(store)
    for name, digest in files.items():
        content = store.read(name)
        assert content is not None, name
        assert hashlib.sha256(content).hexdigest() == digest, name
        if name.endswith(".whl"):
            assert store.read(f"{name}.metadata") is not None, name
    return files
