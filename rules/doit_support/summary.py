"""What was made, as a line when it is finished and as a table at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rules.doit_support.text import size_text, table_text, time_text
from tools.files import read_json
from tools.wheel.receipt import Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One wheel or sdist that this run made."""

    receipt: Receipt
    seconds: float
    reused: int  # bytes of members, as installed, that were copied compressed from other wheels

    @property
    def line(self) -> str:
        """Say it in one line."""
        receipt = self.receipt
        return (
            f"built   {receipt.family} {receipt.distribution}  {size_text(receipt.size)} "
            f"in {time_text(self.seconds)}  sha256 {receipt.sha256[:8]}"
        )


def made(receipt: Path, seconds: float, reused: int) -> Made:
    """Return what the receipt in a file says, how long it took, and how much was not compressed again."""
    return Made(receipt=read_json(receipt, Receipt), seconds=seconds, reused=reused)


def summary(rows: Sequence[Made]) -> list[str]:
    """Return the lines of the table: each file, its members, its size and the share of their size."""
    header = ("wheel", "files", "size", "ratio", "reused", "time")
    return [
        "",
        *table_text(header, [_row(row) for row in sorted(rows, key=lambda row: row.receipt.filename)]),
        "",
    ]


def _row(row: Made) -> tuple[str, ...]:
    receipt = row.receipt
    content = sum(member.size for member in receipt.members)
    ratio = f"{receipt.size / content:.0%}" if content else ""
    files = str(len(receipt.members)) if receipt.members else ""
    reused = f"{row.reused / content:.0%}" if content else ""
    return receipt.filename, files, size_text(receipt.size), ratio, reused, time_text(row.seconds)
