"""How long a published index keeps the files of a version: by its channel."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from packaging.version import Version

_DATE = re.compile(r"(?<!\d)(20\d\d)([01]\d)([0-3]\d)(?!\d)")  # a20260811


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A sort of version."""

    name: str
    pattern: str  # of a version in its normal form, as a whole
    first_of_week: bool  # only the first of each week, by the date in its number
    days: int | None  # that its files stay; None: for ever


def channel_of(versions: Iterable[str], channels: Sequence[Channel]) -> dict[str, Channel]:
    """Return the channel of each version, the first that fits; a version that fits none is left out."""
    ordered = sorted(set(versions), key=Version)
    first = {id(channel): _first_of_weeks(ordered, channel.pattern) for channel in channels if channel.first_of_week}
    return {version: found for version in ordered if (found := _channel(version, channels, first))}


def too_old(uploaded: Mapping[str, str], channels: Sequence[Channel], now: datetime) -> dict[str, Channel]:
    """Return the versions whose channel lets them go at ``now``: of version -> newest upload time (PEP 700).

    A version whose upload time is not known stays.
    """
    over, channel = ends(uploaded, channels), channel_of(uploaded, channels)
    return {version: channel[version] for version, end in over.items() if now > end}


def ends(uploaded: Mapping[str, str], channels: Sequence[Channel]) -> dict[str, datetime]:
    """Return when the channel of each version lets it go; what stays for ever is left out."""
    return {
        version: datetime.fromisoformat(uploaded[version]) + timedelta(days=channel.days)
        for version, channel in channel_of(uploaded, channels).items()
        if channel.days is not None and uploaded[version]
    }


def _channel(version: str, channels: Sequence[Channel], first: Mapping[int, Collection[str]]) -> Channel | None:
    for channel in channels:
        if re.fullmatch(channel.pattern, version) and (not channel.first_of_week or version in first[id(channel)]):
            return channel
    return None


def _first_of_weeks(ordered: Iterable[str], pattern: str) -> frozenset[str]:
    """Return the versions before which, of the same release and week, there is no other."""
    found: dict[tuple[tuple[int, ...], tuple[int, int]], str] = {}
    for version in ordered:
        week = _week(version)
        if week is not None and re.fullmatch(pattern, version):
            found.setdefault((Version(version).release, week), version)
    return frozenset(found.values())


def _week(version: str) -> tuple[int, int] | None:
    if found := _DATE.search(version):
        try:
            year, week, _ = date(*map(int, found.groups())).isocalendar()
        except ValueError:  # the 31st of February: just a number
            return None
        return year, week
    return None
