"""What a receipt repeats of a wheel's METADATA (core metadata specification)."""

from __future__ import annotations

from email.parser import HeaderParser
from pathlib import Path

from tools.errors import UserError
from tools.plan.model import WheelPlan


def metadata_of(plan: WheelPlan, place: Path, path: str = "") -> str:
    """Return the text of the plan's METADATA, or of the member at ``path``.

    :raises UserError: when the plan does not hold it as a text.
    """
    wanted = path or f"{plan.dist_info}/METADATA"
    for member in plan.members:
        if member.path == wanted and member.kind == "text":
            return member.argument
    raise UserError(f"{place}: has no text member {wanted}, which every package needs")


def requires_python(metadata: str) -> str:
    """Return the value of Requires-Python, "" where there is none."""
    return str(HeaderParser().parsestr(metadata)["Requires-Python"] or "")
