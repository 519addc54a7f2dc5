"""How long a published index keeps the files of a version: by its channel."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
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
    return {version: found for version in ordered if (found := _channel(version, ordered, channels))}


def too_old(
    uploaded: Mapping[str, str], channels: Sequence[Channel], now: datetime
) -> dict[str, Channel]:
    """Return the versions whose channel lets them go at ``now``: of version -> newest upload time (PEP 700).

    A version whose upload time is not known stays.
    """
    gone = {}
    for version, channel in channel_of(uploaded, channels).items():
        if channel.days is not None and uploaded[version]:
            if now - datetime.fromisoformat(uploaded[version]) > timedelta(days=channel.days):
                gone[version] = channel
    return gone


def _channel(version: str, every: Sequence[str], channels: Sequence[Channel]) -> Channel | None:
    for channel in channels:
        if re.fullmatch(channel.pattern, version):
            if not channel.first_of_week or _is_first_of_week(version, every, channel.pattern):
                return channel
    return None


def _is_first_of_week(version: str, every: Sequence[str], pattern: str) -> bool:
    """Say whether no version of the same release and week is older."""
    week = _week(version)
    same = [
        other
        for other in every
        if re.fullmatch(pattern, other) and _week(other) == week and Version(other).release == Version(version).release
    ]
    return week is not None and version == same[0]


def _week(version: str) -> tuple[int, int] | None:
    if found := _DATE.search(version):
        try:
            year, week, _ = date(*map(int, found.groups())).isocalendar()
        except ValueError:  # the 31st of February: just a number
            return None
        return year, week
    return None
