"""Which members make a wheel be built again: its plan against the receipt of the wheel that is there."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tools.errors import UserError, listed
from tools.plan.model import WheelPlan
from tools.receipt import Receipt
from tools.values import read_json
from tools.wheel.payload import payload_of
from tools.wheel.recipe import compressor
from tools.wheel.sizes import STANDARD


class Changed(NamedTuple):
    """Paths in a wheel."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    def sentences(self) -> list[str]:
        """Return one sentence for each kind of change, the first ten paths and a count."""
        kinds = (("new", self.added), ("gone", self.removed), ("changed", self.changed))
        return [f"{word} in it: {listed(paths)}" for word, paths in kinds if paths]


def changed_members(plan: Path, receipt: Path, level: int) -> Changed | None:
    """Return what the plan has in another form than the wheel of the receipt; None when there is no telling."""
    try:
        wanted, built = read_json(plan, WheelPlan), read_json(receipt, Receipt)
    except UserError:
        return None
    if not built.members:  # an sdist: its receipt does not list them
        return None
    made_by = compressor(level, STANDARD)
    now = {member.path: payload_of(member, made_by).recipe for member in wanted.members}
    then = {member.path: member.recipe for member in built.members if not member.path.endswith(".dist-info/RECORD")}
    return Changed(
        added=tuple(sorted(now.keys() - then.keys())),
        removed=tuple(sorted(then.keys() - now.keys())),
        changed=tuple(sorted(path for path in now.keys() & then.keys() if now[path] != then[path])),
    )
