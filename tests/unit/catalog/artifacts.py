"""What tests of the catalog step share."""

from __future__ import annotations

from tools.workers.context import make_context

CONTEXT = make_context()  # of this process
