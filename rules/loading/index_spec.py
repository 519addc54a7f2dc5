"""``index.toml``: what a published index keeps, and which projects of it are closed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rules.loading.spec_table import Table, read_toml
from tools.naming import project_name

FILE = "index.toml"
STATUSES = ("active", "archived", "deprecated", "quarantined")  # PEP 792


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    """A channel as the file has it."""

    name: str
    pattern: str
    first_of_week: bool
    days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSpec:
    """What the file says."""

    channels: tuple[ChannelRow, ...]
    superseded: Mapping[str, str]  # family in normal form -> reason
    statuses: Mapping[str, tuple[str, str]]  # project in normal form -> status, reason


def read_index_spec(directory: Path) -> IndexSpec:
    """Return what ``index.toml`` in ``directory`` says.

    :raises SpecError: when it makes no sense.
    """
    table = read_toml(directory / FILE)
    channels = tuple(_channel(row) for row in table.tables("channel"))
    superseded, status = table.table("superseded"), table.table("status")
    table.done()
    return IndexSpec(
        channels=channels,
        superseded={project_name(family): superseded.string(family) for family in superseded.values},
        statuses=dict(status.each(_status)),
    )


def _channel(table: Table) -> ChannelRow:
    row = ChannelRow(
        name=table.string("name"),
        pattern=table.string("pattern"),
        first_of_week=table.boolean("first_of_week", default=False),
        days=table.optional_integer("days"),
    )
    table.done()
    try:
        re.compile(row.pattern)
    except re.error as error:
        raise table.error(f"{row.pattern!r} is no regular expression: {error}", "pattern") from None
    if row.days is not None and row.days < 1:
        raise table.error(f"{row.days} must be 1 or more", "days")
    return row


def _status(name: str, table: Table) -> tuple[str, tuple[str, str]]:
    row = table.choice("status", STATUSES), table.string("reason", default="")
    table.done()
    return project_name(name), row
