"""Where compressed members can be had: in finished wheels, in wheels that are being written, or soon.

All wheels that a process writes share one :class:`Reuse`, so that each recipe is compressed once.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

import msgspec

from tools.receipt import Receipt, WrittenMember
from tools.values import decode_json

FEW = 64  # recipes
_Key: TypeAlias = tuple[str, int, int, int]  # of a receipt as it is now: path, mtime_ns, size, inode


class WheelFile:
    """A wheel on disk, or one that is being written and does not have its name yet."""

    def __init__(self, path: Path, descriptor: int | None = None) -> None:
        self._path: Path | None = path
        self._descriptor = descriptor  # owned by this object
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

    @property
    def is_settled(self) -> bool:
        """Whether nobody writes the file any more."""
        return self._descriptor is None


class Located(msgspec.Struct, frozen=True, gc=False):
    """The compressed bytes of one recipe: a row of a receipt and the wheel it speaks of."""

    wheel: WheelFile
    row: WrittenMember

    @property
    def end(self) -> int:
        """Return the offset behind the last byte."""
        return self.row.offset + self.row.compressed_size


class Promise:
    """Somebody compresses some recipes now."""

    def __init__(self) -> None:
        self.recipes: dict[str, None] = {}
        self.settled = threading.Event()  # located by now, or given up


class Fresh:
    """Nobody has the recipe and nobody else compresses it."""


FRESH = Fresh()
Whereabouts: TypeAlias = Located | Promise | Fresh


class Reuse:
    """Recipes and where their bytes are, as far as there is room to know it."""

    def __init__(self, limit: int) -> None:
        """Forget the members of finished wheels, the oldest first, beyond ``limit`` of them."""
        self._lock = threading.Lock()
        self._known: dict[str, Located | Promise] = {}
        self._receipts: dict[WheelFile, _Key] = {}
        self._recipes: dict[WheelFile, list[str]] = {}  # in the order in which the wheels were heard of
        self._limit = limit
        self._heard = 0  # wheels, so far
        self._since: dict[WheelFile, int] = {}  # wheel -> how many came before it
        self._using: list[int] = []  # for each wheel that is being written: ``_heard`` at its beginning

    @contextmanager
    def session(self) -> Iterator[None]:
        """Keep all that is learned while the block runs: one wheel is written in it."""
        with self._lock:
            beginning = self._heard
            self._using.append(beginning)
        try:
            yield
        finally:
            with self._lock:
                self._using.remove(beginning)
                self._make_room()

    def claim(self, recipes: Sequence[str], promise: Promise) -> list[Whereabouts]:
        """Return what is known of each recipe. What is fresh is covered by ``promise`` from now on.

        A recipe that ``recipes`` has twice is fresh once: the second time the promise is returned.
        """
        with self._lock:
            found: list[Whereabouts] = [self._known.setdefault(recipe, promise) for recipe in recipes]
        for number, (recipe, known) in enumerate(zip(recipes, found, strict=True)):
            if known is promise and recipe not in promise.recipes:
                promise.recipes[recipe] = None
                found[number] = FRESH
        return found

    def find(self, recipe: str) -> Located | None:
        """Return where the recipe's bytes are, if they are somewhere now."""
        known = self._known.get(recipe)
        return known if isinstance(known, Located) else None

    def publish(self, wheel: WheelFile, rows: Iterable[WrittenMember]) -> None:
        """Say where the bytes of these rows are, in place of what was known."""
        self._learn(wheel, {row.recipe: Located(wheel, row) for row in rows}, is_first=True)

    def release(self, promise: Promise) -> None:
        """End a promise: what it covered and nobody published is fresh again. Those who wait go on."""
        with self._lock:
            for recipe in promise.recipes:
                if self._known.get(recipe) is promise:
                    del self._known[recipe]
        promise.settled.set()

    def forget(self, recipe: str, located: Located) -> None:
        """Drop what turned out to be gone or damaged."""
        with self._lock:
            if self._known.get(recipe) is located:
                del self._known[recipe]

    def add_receipt(self, path: Path, wanted: Collection[str] | None = None) -> None:
        """Learn what the wheel beside a receipt holds; a receipt that is missing or damaged teaches nothing.

        If ``wanted`` is given, learn these recipes alone and leave what is known of them as it is. Without it the
        wheel is the caller's own older one: it comes before others, since it stays until the new one is there.
        """
        try:
            key = _key(path)
            if wanted is None and key in self._receipts.values():
                return
            content = path.read_bytes()
            if wanted is not None and len(wanted) <= FEW and not any(one.encode() in content for one in wanted):
                return  # to look for a few is quicker than to decode thousands
            receipt = decode_json(content, Receipt)
            file = path.parent / receipt.filename
            if file.stat().st_size != receipt.size:
                return
        except (OSError, ValueError, msgspec.DecodeError):  # ValueError: bytes that are not UTF-8, a NUL
            return
        wheel, chosen = WheelFile(file), None if wanted is None else frozenset(wanted)
        rows = {row.recipe: row for row in receipt.members if chosen is None or row.recipe in chosen}
        located = {recipe: Located(wheel, row) for recipe, row in rows.items()}
        self._learn(wheel, located, is_first=wanted is None, key=key if wanted is None else None)

    def knows_receipt(self, path: Path, wheel: WheelFile) -> None:
        """Hear from the one who wrote a receipt that all it says was published already.

        :raises OSError: when there is none.
        """
        key = _key(path)
        with self._lock:
            self._receipts[wheel] = key

    def _learn(self, wheel: WheelFile, located: dict[str, Located], *, is_first: bool, key: _Key | None = None) -> None:
        with self._lock:
            if is_first:
                self._known.update(located)
            else:
                located = {recipe: one for recipe, one in located.items() if recipe not in self._known}
                self._known.update(located)
            if wheel not in self._since:
                self._since[wheel] = self._heard
                self._heard += 1
            self._recipes.setdefault(wheel, []).extend(located)
            if key:
                self._receipts[wheel] = key

    def _make_room(self) -> None:
        oldest = min(self._using, default=self._heard)
        for wheel in [wheel for wheel, number in self._since.items() if number < oldest and wheel.is_settled]:
            if len(self._known) <= self._limit:
                return
            self._receipts.pop(wheel, None)
            del self._since[wheel]
            for recipe in self._recipes.pop(wheel):
                known = self._known.get(recipe)
                if isinstance(known, Located) and known.wheel is wheel:
                    del self._known[recipe]


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
