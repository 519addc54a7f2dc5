"""Where compressed members can be had: in finished wheels, in wheels that are being written, or soon.

One store serves all wheels of the process, so that a run compresses each recipe once.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

import msgspec

from tools.receipt import Receipt, WrittenMember

FEW = 64  # recipes
_Key: TypeAlias = tuple[str, int, int, int]  # of a receipt as it is now: path, mtime_ns, size, inode


class Place:
    """A wheel on disk, or one that is being written and does not have its name yet."""

    def __init__(self, path: Path, descriptor: int | None = None) -> None:
        self._path: Path | None = path
        self._descriptor = descriptor  # owned by this place
        self._lock = threading.Lock()

    def read(self, offset: int, length: int) -> bytes | None:
        """Return the bytes there, or None when the file is gone or shorter."""
        with self._lock:
            descriptor, path = self._descriptor, self._path
            if descriptor is not None:
                return _pread(descriptor, offset, length)
        if path is None:
            return None
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                return _pread(descriptor, offset, length)
            finally:
                os.close(descriptor)
        return None

    def settle(self, path: Path | None) -> None:
        """Say that the file has its name now, or, with None, that it will never have one."""
        with self._lock:
            self._path = path
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None


class Stored(msgspec.Struct, frozen=True, gc=False):
    """The compressed bytes of one recipe: a row of a receipt and the wheel it speaks of."""

    place: Place
    row: WrittenMember

    @property
    def end(self) -> int:
        """Return the offset behind the last byte."""
        return self.row.offset + self.row.compressed_size


class Claim:
    """Somebody's promise to store some recipes."""

    def __init__(self) -> None:
        self.recipes: dict[str, None] = {}
        self.settled = threading.Event()  # stored, or given up


Found: TypeAlias = Stored | Claim | None


class Store:
    """Recipes and where their bytes are."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Stored | Claim] = {}
        self._receipts: set[_Key] = set()

    def claim(self, recipes: Sequence[str], claim: Claim) -> list[Found]:
        """Return what is known of each recipe; what was not known is now promised by ``claim``: None.

        A recipe that ``recipes`` has twice is promised once: the second time its claim is returned.
        """
        with self._lock:
            found: list[Found] = [self._known.setdefault(recipe, claim) for recipe in recipes]
        for number, (recipe, known) in enumerate(zip(recipes, found, strict=True)):
            if known is claim and recipe not in claim.recipes:
                claim.recipes[recipe] = None
                found[number] = None
        return found

    def find(self, recipe: str) -> Stored | None:
        """Return where the recipe's bytes are, if they are somewhere now."""
        known = self._known.get(recipe)
        return known if isinstance(known, Stored) else None

    def publish(self, place: Place, rows: Iterable[WrittenMember]) -> None:
        """Say where the bytes of these rows are, in place of what was known."""
        stored = [(row.recipe, Stored(place, row)) for row in rows]
        with self._lock:
            self._known.update(stored)

    def release(self, claim: Claim) -> None:
        """End a claim: what it promised and did not publish is nobody's again. Those who wait go on."""
        with self._lock:
            for recipe in claim.recipes:
                if self._known.get(recipe) is claim:
                    del self._known[recipe]
        claim.settled.set()

    def forget(self, recipe: str, stored: Stored) -> None:
        """Drop a place that turned out to be gone or damaged."""
        with self._lock:
            if self._known.get(recipe) is stored:
                del self._known[recipe]

    def add_receipt(self, path: Path, wanted: Collection[str] | None = None) -> None:
        """Learn what the wheel beside a receipt holds; a receipt that is missing or damaged teaches nothing.

        With ``wanted`` only if it has one of these recipes: to look for a few is quicker than to learn thousands.
        Without, the wheel comes before others that have the same: it is the caller's own, and stays until the new one
        is there.
        """
        try:
            key = _key(path)
            if key in self._receipts:
                return
            content = path.read_bytes()
            if wanted is not None and len(wanted) <= FEW and not any(one.encode() in content for one in wanted):
                return
            receipt = msgspec.json.decode(content, type=Receipt)
            wheel = path.parent / receipt.filename
            if wheel.stat().st_size != receipt.size:
                return
        except (OSError, ValueError, msgspec.DecodeError):  # ValueError: bytes that are not UTF-8, a NUL
            return
        place = Place(wheel)
        with self._lock:
            self._receipts.add(key)
            stored = {row.recipe: Stored(place, row) for row in receipt.members}
            if wanted is None:
                self._known.update(stored)
            else:
                for recipe, one in stored.items():
                    self._known.setdefault(recipe, one)

    def knows_receipt(self, path: Path) -> None:
        """Hear from the one who wrote a receipt that all it says was published already.

        :raises OSError: when there is none.
        """
        key = _key(path)
        with self._lock:
            self._receipts.add(key)

    def clear(self) -> None:
        """Forget everything, as at the start of the process."""
        with self._lock:
            self._known.clear()
            self._receipts.clear()


def _key(path: Path) -> _Key:
    status = path.stat()
    return str(path), status.st_mtime_ns, status.st_size, status.st_ino


def _pread(descriptor: int, offset: int, length: int) -> bytes | None:
    if offset < 0 or length < 0 or offset + length > os.fstat(descriptor).st_size:
        return None
    with suppress(OSError):
        content = os.pread(descriptor, length, offset)
        return content if len(content) == length else None
    return None


STORE = Store()  # of this process
