"""Versions of what the wheel step does, apart from the modules that do it, so that tasks can be listed without them."""

from __future__ import annotations

WHEEL_VERSION = 2  # goes up when the same plan gives another wheel
RPATH_VERSION = 2  # goes up when tools.elf.rpath gives other bytes
STUB_VERSION = 1  # goes up when tools.elf.stub gives other bytes, or its template is another
FORWARDER_VERSION = 1  # goes up when tools.elf.forwarder gives other bytes
SDIST_VERSION = 1  # goes up when the same plan gives another sdist
CARRIED_VERSION = 1  # the receipts of wheels that are taken over
