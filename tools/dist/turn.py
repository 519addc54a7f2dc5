"""One publisher at a time, on nothing but a store in which a file can be created once.

Publications are numbered. To publish is to create the next number's file, which one of two publishers at once
manages; the other waits. A publisher whose heartbeat does not change for ``patience`` seconds, by the clock of
the one who waits, is taken for dead and the next number may be created. Each number has its own manifest, so
that one who was taken for dead and is not cannot change the manifest of the next; and it stops before its next
write, because its own heartbeat is too old. What remains possible: a single write that was under way when the
process was frozen for longer than ``patience`` reaches the store later.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from tools.dist.published import Published
from tools.errors import UserError
from tools.store.objects import Objects, Readable, Sent, open_objects
from tools.values import decode_json, encode_json

FOLDER = ".publication"
HINT = f"{FOLDER}/current.json"  # a number that exists, often the newest; only saves looking from 1
PATIENCE = 60.0  # seconds
LOOK = 1.0  # seconds between two looks at a publisher that is at work


class Turn:
    """The right to write to the store, and the manifest to continue from."""

    def __init__(self, store: Objects, number: int, published: Published, *, since: float, patience: float) -> None:
        self.published = published
        self._store, self._number, self._patience = store, number, patience
        self._beaten = since
        self._arrived: dict[str, str] = {}

    def save(self, published: Published) -> None:
        """Keep the manifest; whoever comes next continues from it."""
        self.published = published
        self.write(_manifest(self._number), encode_json(published))
        if self._arrived:
            self.remove(_journal(self._number))
            self._arrived = {}

    def arrived(self, name: str, digest: str) -> None:
        """Keep that a file is stored, in a small file of its own: the manifest of a large index has many megabytes."""
        self._arrived[name] = digest
        stored = {**self.published.stored, name: digest}
        self.published = msgspec.structs.replace(self.published, stored=stored)
        self.write(_journal(self._number), encode_json(self._arrived))

    @property
    def at_once(self) -> int:
        """How many files the store likes to have written at the same time."""
        return self._store.at_once

    def write(self, name: str, content: bytes, content_type: str = "application/json") -> None:
        """As the store does."""
        self._check()
        self._store.write(name, content, content_type)

    def upload(self, name: str, source: Path, sent: Sent) -> None:
        """As the store does."""
        self._check()
        self._store.upload(name, source, sent)

    def copy(self, name: str, twin: str, source: Path) -> bool:
        """As the store does."""
        self._check()
        return self._store.copy(name, twin, source)

    def remove(self, *names: str) -> None:
        """As the store does."""
        self._check()
        self._store.remove(*names)

    def beat(self) -> None:
        """Show that this publisher lives."""
        now = _clock()
        self._store.write(_beat(self._number), repr(now).encode(), "text/plain")
        self._beaten = now

    @property
    def silence(self) -> float:
        """Seconds since it last did so."""
        return _clock() - self._beaten

    @property
    def is_ours(self) -> bool:
        """Say whether nobody can have taken this publisher for dead."""
        return self.silence <= self._patience / 2

    def check_alone(self) -> None:
        """Check, after the last write, that nobody took this publisher for dead while that was under way.

        :raises UserError: when somebody did, and so may not have seen what was written.
        """
        if self._store.read(_ticket(self._number + 1)) is not None:
            raise UserError(
                f"{self._store.url}: another publisher took this one for dead, since no sign of life arrived in time;"
                " run again, it continues"
            )

    def _check(self) -> None:
        if not self.is_ours:
            raise UserError(
                f"{self._store.url}: no sign of life could be written for {self.silence:.0f} s, so another publisher"
                " may be at work; run again, it continues"
            )


@contextmanager
def take_turn(
    store: Objects, *, patience: float = PATIENCE, look: float = LOOK, waiting: Callable[[str], object]
) -> Iterator[Turn]:
    """Wait until no other publisher is at work, then yield the turn. ``waiting`` is told once for whom.

    A publisher at work is looked at every ``look`` seconds, more often where ``patience`` is short.

    The manifest that the last ``save`` kept is what the next turn gets, however this one ends.
    """
    number, before, since = _acquire(store, _Watch(store, patience, waiting), min(look, patience / 4))
    turn = Turn(store, number, before, since=since, patience=patience)
    stop = threading.Event()
    heart = threading.Thread(target=_beat_on, args=(turn, stop, patience / 6), daemon=True)
    heart.start()
    try:
        turn.beat()
        turn.save(before)
        turn.write(HINT, encode_json(number))
        yield turn
        turn.check_alone()
        _forget(store, number)
    finally:
        stop.set()
        heart.join()
        if turn.is_ours:
            with suppress(UserError):  # the next publisher then waits until it takes this one for dead
                store.write(_ended(number), b"", "text/plain")


def check_address(url: str) -> None:
    """Find out whether ``url`` can be published to, as far as that can be told without changing anything there.

    :raises UserError: when it cannot be, or holds something that is no index of ours.
    """
    store = open_objects(url)
    store.check()
    read_published(store)


def read_published(store: Readable) -> Published:
    """Return the newest manifest, without taking a turn; an empty one where nothing was ever published.

    Who publishes meanwhile removes older manifests in the end, so what was found counts only if it is the newest still.
    """
    newest = _newest(store)
    while True:
        number, published = newest, _read_manifest(store, newest)
        if (newest := _newest(store)) == number:
            return published


def _acquire(store: Objects, watch: _Watch, look: float) -> tuple[int, Published, float]:
    """Return the number that is ours, the manifest to continue from, and when the number was not yet ours."""
    while True:
        since, newest = _clock(), _newest(store)
        if not watch.is_over(newest):
            _sleep(look)
        elif store.create(_ticket(newest + 1), _who().encode()):
            _check_exclusive(store, newest + 1)
            if _newest(store) == newest + 1:
                return newest + 1, _read_manifest(store, newest), since


class _Watch:
    """Looks at the heartbeat of the publisher at work."""

    def __init__(self, store: Objects, patience: float, waiting: Callable[[str], object]) -> None:
        self._store, self._patience, self._waiting = store, patience, waiting
        self._seen: tuple[int, bytes | None] | None = None
        self._since = 0.0

    def is_over(self, number: int) -> bool:
        """Say whether this publication has ended, or its publisher has been silent for long enough."""
        if number == 0 or self._store.read(_ended(number)) is not None:
            return True
        look = (number, self._store.read(_beat(number)))
        if look != self._seen:
            if self._seen is None or self._seen[0] != number:
                self._waiting((self._store.read(_ticket(number)) or b"").decode(errors="replace"))
            self._seen, self._since = look, _clock()
        return _clock() - self._since >= self._patience


def _check_exclusive(store: Objects, number: int) -> None:
    """Some stores take the condition and ignore it: two publishers would then overwrite each other's manifest."""
    if store.create(_ticket(number), b""):
        raise UserError(f"{store.url}: this store lets a file be created twice; publishing to it is not safe")


def _newest(store: Readable) -> int:
    """Return the highest number there is, 0 if none. Numbers have no gaps, and their files are never removed."""
    number = _hinted(store)
    while store.read(_ticket(number + 1)) is not None:
        number += 1
    return number


def _hinted(store: Readable) -> int:
    """Return the number that the hint names, 0 when it names none that there is: it only saves looking through all."""
    try:
        number = decode_json(store.read(HINT) or b"0", int)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return 0
    return number if number > 0 and store.read(_ticket(number)) is not None else 0


def _read_manifest(store: Readable, number: int) -> Published:
    """Return the manifest of ``number``, or of the one before if that publisher did not live to write one."""
    while number > 0:
        if (content := store.read(_manifest(number))) is not None:
            try:
                published = decode_json(content, Published)
                arrived = decode_json(store.read(_journal(number)) or b"{}", dict[str, str])
                return msgspec.structs.replace(published, stored={**published.stored, **arrived})
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise UserError(f"{store.url}/{_manifest(number)}: is damaged: {error}") from None
        number -= 1
    return Published()


def _forget(store: Objects, number: int) -> None:
    """Remove what nobody needs any more of older turns, back to where the last one did; only their numbers stay."""
    for old in range(number - 1, 0, -1):
        if store.read(_beat(old)) is None:
            return
        store.remove(_manifest(old), _journal(old), _ended(old), _beat(old))


def _beat_on(turn: Turn, stop: threading.Event, interval: float) -> None:
    while not stop.wait(interval):
        try:
            turn.beat()
        except UserError:  # the next may succeed; if none does, the turn's next write says so
            continue


def _clock() -> float:
    """Seconds that also pass while the machine sleeps, where the system has such a clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def _sleep(seconds: float) -> None:
    time.sleep(seconds)


def _who() -> str:
    return f"process {os.getpid()} on {socket.gethostname()} since {time.strftime('%Y-%m-%d %H:%M:%SZ', time.gmtime())}"


def _ticket(number: int) -> str:
    return f"{FOLDER}/{number:08}.txt"


def _ended(number: int) -> str:
    return f"{FOLDER}/{number:08}.ended"


def _beat(number: int) -> str:
    return f"{FOLDER}/{number:08}.alive"


def _manifest(number: int) -> str:
    return f"{FOLDER}/{number:08}.json"


def _journal(number: int) -> str:
    return f"{FOLDER}/{number:08}.arrived.json"
