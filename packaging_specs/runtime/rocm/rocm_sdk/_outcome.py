"""How a test of the installation ends when it does not end well."""

from __future__ import annotations

TIMEOUT = 120  # seconds a program may take


class Skipped(Exception):
    """A test has nothing to test here."""


class Failed(Exception):
    """A test found something wrong."""
