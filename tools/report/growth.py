"""What grew from one dist to another: by wheel, by GFX target, by file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tools.naming import told_names
from tools.report.kinds import DEVICE, group_of
from tools.report.model import File, Wheel


class Change(NamedTuple):
    """Bytes of something before and after; 0 where it is not there."""

    name: str
    old: int  # compressed
    new: int
    old_installed: int
    new_installed: int

    @property
    def grown(self) -> int:
        """Compressed bytes that were added; negative for fewer."""
        return self.new - self.old


class FileChange(NamedTuple):
    """A file that has another size, or is there in one dist only."""

    wheel: str
    path: str
    old: File | None
    new: File | None

    @property
    def grown(self) -> int:
        """Compressed bytes that were added; negative for fewer."""
        return (self.new.packed if self.new else 0) - (self.old.packed if self.old else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Differences between two dists, the largest growth first."""

    against: str  # what the other dist was called
    wheels: Sequence[Change]  # bytes of the files in dist
    targets: Sequence[Change]  # bytes of device code; "" where no path tells of which target
    files: Sequence[FileChange]
    budget: int | None  # bytes that all wheels together may have grown by

    @property
    def grown(self) -> int:
        """Bytes that the files of the dist grew by, all together."""
        return sum(change.grown for change in self.wheels)

    @property
    def is_over(self) -> bool:
        """Whether that is more than the budget."""
        return self.budget is not None and self.grown > self.budget


def compare(old: Sequence[Wheel], new: Sequence[Wheel], *, against: str, budget: int | None = None) -> Growth:
    """Return what is different in ``new``. Versions in names of metadata directories do not matter."""
    told = told_names(*([wheel.filename for wheel in wheels] for wheels in (old, new)))
    before, after = ({told[wheel.filename]: wheel for wheel in wheels} for wheels in (old, new))
    wheels = [_wheel_change(name, before.get(name), after.get(name)) for name in sorted(before.keys() | after)]
    files = [change for name in sorted(before.keys() | after) for change in _files(name, before, after)]
    return Growth(
        against=against,
        wheels=sorted(wheels, key=lambda change: (-change.grown, change.name)),
        targets=_targets(old, new),
        files=sorted(files, key=lambda change: (-change.grown, change.wheel, change.path)),
        budget=budget,
    )


def _wheel_change(name: str, old: Wheel | None, new: Wheel | None) -> Change:
    sizes = [(wheel.size, wheel.installed) if wheel else (0, 0) for wheel in (old, new)]
    return Change(name, sizes[0][0], sizes[1][0], sizes[0][1], sizes[1][1])


def _files(name: str, before: Mapping[str, Wheel], after: Mapping[str, Wheel]) -> Iterable[FileChange]:
    old, new = _neutral(before.get(name)), _neutral(after.get(name))
    for path in sorted(old.keys() | new):
        change = FileChange(name, path, old.get(path), new.get(path))
        if change.old is None or change.new is None or change.old[1:3] != change.new[1:3]:
            yield change


def _neutral(wheel: Wheel | None) -> dict[str, File]:
    """Return the files by path, with VERSION in place of the version in the metadata directory and in an sdist."""
    if wheel is None:
        return {}
    ends = (f"-{wheel.version}.dist-info/", f"-{wheel.version}.tar.gz")
    found = {}
    for file in wheel.files:
        path = file.path
        for end in ends:
            path = path.replace(end, end.replace(wheel.version, "VERSION"), 1)
        found[path] = file
    return found


def _targets(old: Iterable[Wheel], new: Iterable[Wheel]) -> list[Change]:
    sums = [_by_target(wheels) for wheels in (old, new)]
    names = {name for packed, _ in sums for name in packed}
    changes = [Change(name, sums[0][0][name], sums[1][0][name], sums[0][1][name], sums[1][1][name]) for name in names]
    return sorted(changes, key=lambda change: (-change.grown, change.name))


def _by_target(wheels: Iterable[Wheel]) -> tuple[Counter[str], Counter[str]]:
    packed, installed = Counter[str](), Counter[str]()
    for wheel in wheels:
        for file in wheel.files:
            group = group_of(file.path)
            if group.kind == DEVICE:
                packed[group.target] += file.packed
                installed[group.target] += file.size
    return packed, installed
