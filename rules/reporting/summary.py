"""What was made, as a line when it is finished and as a table at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rules.reporting.text import size_text, table_text, time_text
from tools.files import read_json
from tools.receipt import Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One wheel or sdist that this run made."""

    receipt: Receipt
    after: float  # seconds since the run began: it may have waited for others that compress, or for what it shares
    reused: int  # bytes of members, as installed, that were copied compressed from other wheels

    @property
    def line(self) -> str:
        """Say it in one line."""
        receipt = self.receipt
        return (
            f"built   {receipt.distribution}  {size_text(receipt.size)} "
            f"at {time_text(self.after)}  sha256 {receipt.sha256[:8]}"
        )


def made(receipt: Path, after: float, reused: int) -> Made:
    """Return what the receipt in a file says, when it was made, and how much was not compressed again."""
    return Made(receipt=read_json(receipt, Receipt), after=after, reused=reused)


def summary(rows: Sequence[Made]) -> list[str]:
    """Return the lines of the table: each wheel, its members, its size and the share of their size.

    Names of files are too long for a terminal: the version and platform of most of them stand above, once.
    """
    ordered = sorted(rows, key=lambda row: row.receipt.filename)
    version, platform = Counter(_release(row.receipt) for row in ordered).most_common(1)[0][0]
    header = ("wheel", "files", "size", "ratio", "reused", "done at")
    table = table_text(header, [_row(row, version) for row in ordered])
    return ["", f"version {version} for {platform}", *table, ""]


def _release(receipt: Receipt) -> tuple[str, str]:
    """Return the version and the platform of a file."""
    if _is_sdist(receipt):
        return receipt.version, "every platform"
    tag = receipt.filename.removesuffix(".whl").rpartition("-")[2]
    return receipt.version, "every platform" if tag == "any" else tag


def _is_sdist(receipt: Receipt) -> bool:
    return receipt.filename.endswith(".tar.gz")


def _row(row: Made, version: str) -> tuple[str, ...]:
    receipt = row.receipt
    own = f" {receipt.version}" if receipt.version != version else ""
    name = f"{receipt.distribution}{own}{' (sdist)' if _is_sdist(receipt) else ''}"
    content = sum(member.size for member in receipt.members)
    ratio = f"{receipt.size / content:.0%}" if content else ""
    files = str(len(receipt.members)) if receipt.members else ""
    reused = f"{row.reused / content:.0%}" if content else ""
    return name, files, size_text(receipt.size), ratio, reused, time_text(row.after)
