"""Artifacts made of Debian 12's own ROCm packages: real libraries, a real compiler, real sizes."""

from __future__ import annotations

from tools.sample.debian.artifacts import DebianRequest, make_artifacts
from tools.sample.debian.count import DebianReport

__all__ = ["DebianReport", "DebianRequest", "make_artifacts"]
