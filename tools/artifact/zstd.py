"""Zstandard: the standard library's module where there is one (PEP 784), else its backport of equal names."""

from __future__ import annotations

import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["zstd"]
