"""Which members make a wheel be built again: its plan against the receipt of the wheel that is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from tools.errors import UserError
from tools.plan.model import WheelPlan
from tools.receipt import Receipt
from tools.values import read_json
from tools.wheel.payload import payload_of
from tools.wheel.recipe import compressor
from tools.wheel.sizes import STANDARD


class Changed(NamedTuple):
    """Paths in a wheel, whatever its version: dist-info's name has VERSION in its place."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    def kinds(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return the word for each kind of change that there is, and its paths."""
        kinds = (("new", self.added), ("gone", self.removed), ("changed", self.changed))
        return [(word, paths) for word, paths in kinds if paths]


def changed_members(plan: Path, receipt: Path, level: int) -> Changed | None:
    """Return what the plan has in another form than the wheel of the receipt; None when there is no telling."""
    try:
        wanted, built = read_json(plan, WheelPlan), read_json(receipt, Receipt)
    except UserError:
        return None
    if not built.members:  # an sdist: its receipt does not list them
        return None
    made_by = compressor(level, STANDARD)
    now = {_unversioned(member.path): payload_of(member, made_by).recipe for member in wanted.members}
    kept = [member for member in built.members if not member.path.endswith(".dist-info/RECORD")]
    then = {_unversioned(member.path): member.recipe for member in kept}
    return Changed(
        added=tuple(sorted(now.keys() - then.keys())),
        removed=tuple(sorted(then.keys() - now.keys())),
        changed=tuple(sorted(path for path in now.keys() & then.keys() if now[path] != then[path])),
    )


def _unversioned(path: str) -> str:
    return re.sub(r"^([^/-]+)-[^/]+(?=\.dist-info/)", r"\1-VERSION", path)
