"""The store: catalogs, plans, receipts and wheels, each under its key (tools.store.keys), whoever made them.

``KIND/KEY.json`` has small things, sealed: ``files`` are of any shape, under the digest of their bytes.
``wheels/KEY/FILENAME`` has a wheel or an sdist, whose size and digest its receipt says. What is damaged, cut off or
something else is as good as missing: it is never used, it is told, and it is replaced by whoever makes the right thing.
Any failure of the address is a UserError.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import msgspec

from tools.catalog.model import Catalog
from tools.files import atomic_write
from tools.plan.model import WheelPlan
from tools.receipt import Receipt
from tools.source.fetching import Fetching
from tools.store.objects import Object, Objects, Purpose, open_objects
from tools.store.seal import Damaged, sealed, unsealed
from tools.values import decode_json, encode_json, read_json, write_json

Kind = Literal["catalogs", "plans", "receipts", "files"]
SHAPES: Mapping[Kind, Any] = {"catalogs": Catalog, "plans": WheelPlan, "receipts": Receipt, "files": None}
WHEELS = "wheels"
STORING = Purpose("store", "cannot be a store", "cannot be stored")


class Store:
    """What one job takes from the store and gives to it; ``damaged`` has a sentence for each thing that was no good."""

    def __init__(self, objects: Objects, fetching: Fetching) -> None:
        self.damaged: list[str] = []
        self._objects, self._fetching = objects, fetching

    def get(self, kind: Kind, key: str) -> bytes | None:
        """Return what is stored under a key, checked; None where there is nothing that can be used."""
        name = f"{kind}/{key}.json"
        stored = self._objects.read(name)
        if stored is None:
            return None
        self._fetching.taken(len(stored))
        try:
            content = unsealed(kind, key, stored)
            _check_shape(kind, content)
        except Damaged as problem:
            self._told(name, problem)
            return None
        return content

    def put(self, kind: Kind, key: str, content: bytes) -> None:
        """Store something, unless it is there and can be used."""
        name, stored = f"{kind}/{key}.json", sealed(kind, key, content)
        if not self._objects.create(name, stored):
            if self.get(kind, key) is not None:
                return
            self._objects.write(name, stored)
        self._fetching.given(len(stored))

    def has(self, kind: Kind, key: str) -> bool:
        """Say whether something is stored under a key, be it whole or not."""
        return self._objects.look(f"{kind}/{key}.json") is not None

    def take(self, key: str, filename: str, receipt_file: Path) -> Receipt | None:
        """Make a wheel or an sdist and its receipt stand beside each other, checked; None where it cannot be had.

        A file that is there already is not fetched. Other files of its kind, which are older versions, are removed.
        """
        content = self.get("receipts", key)
        if content is None:
            return None
        receipt, name = decode_json(content, Receipt), f"{WHEELS}/{key}/{filename}"
        file = receipt_file.with_name(filename)
        try:
            if receipt.filename != filename:
                raise Damaged(f"is missing: its receipt is of {receipt.filename}")
            if not _is(file, receipt):
                self._fetch(name, file, receipt, receipt_file)
        except Damaged as problem:
            self._told(name, problem)
            return None
        write_json(receipt_file, receipt)
        _remove_others(file)
        return receipt

    def give(self, key: str, receipt_file: Path) -> None:
        """Store the wheel or sdist beside a receipt, unless it is there; then the receipt: none is without its file."""
        receipt = read_json(receipt_file, Receipt)
        name = f"{WHEELS}/{key}/{receipt.filename}"
        file, is_there = receipt_file.with_name(receipt.filename), self._objects.look(name) is not None
        if not is_there or not self._objects.holds(name, file):
            self._objects.upload(name, file, self._fetching.given, create=not is_there)
        self.put("receipts", key, encode_json(receipt))

    def wheels(self) -> list[tuple[str, str, Object]]:
        """Return key, file name and object of every wheel and sdist. Slow in a large store."""
        parts = ((one.name.split("/"), one) for one in self._objects.below(WHEELS))
        return [(names[1], names[2], one) for names, one in parts if len(names) == 3]

    def _fetch(self, name: str, file: Path, receipt: Receipt, receipt_file: Path) -> None:
        found = self._objects.look(name)
        if found is None:
            raise Damaged("is missing, though its receipt is there")
        if found.size != receipt.size:
            raise Damaged(f"has {found.size:,} bytes, where its receipt says {receipt.size:,}")
        digest = hashlib.sha256()
        with atomic_write(file) as written:
            for block in self._objects.blocks(found, self._fetching):
                digest.update(block)
                written.write(block)
                self._fetching.taken(len(block))
            if digest.hexdigest() != receipt.sha256:
                raise Damaged("is not what its receipt says: its digest is another one")
            receipt_file.unlink(missing_ok=True)  # no receipt may stand beside a file that it does not describe

    def _told(self, name: str, problem: Damaged) -> None:
        sentence = f"{self._objects.url}/{name} {problem}; it was not used, and is made again"
        if sentence not in self.damaged:
            self.damaged.append(sentence)


def open_store(url: str, fetching: Fetching) -> Store:
    """Return the store at ``url``, a directory, ``s3://bucket/folder`` or another protocol of fsspec.

    :raises UserError: when nothing can be stored there, as far as the address tells.
    """
    return Store(open_objects(url, STORING), fetching)


def wheel_url(store: str, key: str, filename: str) -> str:
    """Return where the store has a wheel or an sdist."""
    return f"{store.rstrip('/')}/{WHEELS}/{key}/{filename}"


def check_store(url: str) -> None:
    """Find out whether there can be a store at ``url``.

    :raises UserError: when there cannot, as far as that shows without writing.
    """
    open_objects(url, STORING).check()


def _check_shape(kind: Kind, content: bytes) -> None:
    if SHAPES[kind] is not None:
        try:
            decode_json(content, SHAPES[kind])
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Damaged(f"is none of {kind}") from None


def _remove_others(file: Path) -> None:
    for other in file.parent.glob(f"*{file.suffix}"):
        if other != file:
            with suppress(FileNotFoundError):
                other.unlink()


def _is(file: Path, receipt: Receipt) -> bool:
    try:
        if file.stat().st_size != receipt.size:
            return False
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == receipt.sha256
    except OSError:
        return False
