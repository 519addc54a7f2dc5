"""Files put into an environment: each written beside it and moved into place, never over what is there."""

from __future__ import annotations

import errno
import itertools
import os
import stat
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path

from tools.artifact.copying import copy_span, link_span
from tools.artifact.source import Spans
from tools.develop.environment import Environment
from tools.develop.model import Held, Item, Link
from tools.errors import UserError
from tools.plan.model import Member
from tools.wheel.reading import open_source, read_member
from tools.workers.context import Context

SMALL = 256 << 10  # bytes; a smaller file is read and written faster than the kernel is asked to copy it
WHOLE = 64 << 20  # bytes; a larger file is edited in pieces
BLOCK = 1 << 20  # bytes read at a time
BATCH = 256  # small files that one thread writes, mostly of the same directories
_FULL = (errno.ENOSPC, errno.EDQUOT)
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


class Putter:
    """Puts files into one environment."""

    def __init__(self, environment: Environment, parts: Path, spans: Spans, context: Context, link: Link) -> None:
        """``parts`` is a directory for files that are being written, on the same disk."""
        self._site, self._parts, self._spans, self._context = str(environment.site), str(parts), spans, context
        self._link = link
        self._numbers = itertools.count()
        self._made = {self._site, f"{self._site}/{environment.to_scripts}"}
        self._umask = _umask()

    def put_all(self, items: Sequence[Item], fresh: Set[str] = frozenset()) -> Iterator[tuple[Item, Held]]:
        """Put each item and yield what came of it: large ones and batches of small ones side by side.

        ``fresh`` are paths of packages that are not there yet: nobody reads these before the metadata is there, so
        they are written where they belong.

        :raises InputChanged: when a source is not what its plan says.
        :raises UserError: when a file cannot be written; the others may have been.
        """
        for item in items:
            self._make_parents(item.path)
        futures = [self._context.pool.submit(partial(self._put_batch, batch, fresh)) for batch in _batches(items)]
        try:
            for future in futures:
                yield from future.result()
        finally:
            for future in futures:
                future.cancel()
            for future in futures:
                if not future.cancelled():
                    future.exception()  # nothing is written any more when the caller hears of an error

    def put(self, item: Item) -> Held:
        """Put one item in the place of what is there, in one step; directories above it are there."""
        target, part = f"{self._site}/{item.path}", f"{self._parts}/{next(self._numbers)}"
        with _explained(target):
            held = self._linked(item, part) or self._written(item, part)
            os.rename(part, target)  # noqa: PTH104
            if target.endswith(".py"):
                forget_byte_code(target)
        return held

    def _put_batch(self, batch: Sequence[Item], fresh: Set[str]) -> list[tuple[Item, Held]]:
        return [(item, (item.path in fresh and self._put_fresh(item)) or self.put(item)) for item in batch]

    def _put_fresh(self, item: Item) -> Held | None:
        """Write one item where it belongs, if nothing is there. A run that is killed knows that it may be half."""
        target = f"{self._site}/{item.path}"
        with _explained(target):
            try:
                return self._linked(item, target) or self._written(item, target)
            except FileExistsError:
                return None

    def _linked(self, item: Item, part: str) -> Held | None:
        """Make ``part`` another name of the source, if that was asked for and can be."""
        member = item.member
        if self._link != "hard" or member is None or member.kind != "copy" or item.path.endswith(".py"):
            return None
        span, block = self._spans.find(member.source, member.size), self._context.scratch.room(BLOCK)
        if not link_span(span, member.crc32, self._mode(item), part, block):
            return None
        status = os.lstat(part)
        return Held(item.key, item.executable, (status.st_size, status.st_mtime_ns, status.st_ino))

    def _written(self, item: Item, part: str) -> Held:
        descriptor = os.open(part, _NEW, 0o777 if item.executable else 0o666)
        try:
            digest = self._fill(descriptor, item)
            if item.executable and self._umask & 0o111:
                os.fchmod(descriptor, self._mode(item))
            status = os.fstat(descriptor)
        except BaseException:
            os.unlink(part)  # noqa: PTH108
            raise
        finally:
            os.close(descriptor)
        return Held(item.key, item.executable, (status.st_size, status.st_mtime_ns, status.st_ino), digest)

    def _fill(self, descriptor: int, item: Item) -> str:
        """Write the content; return its sha256 where the key is another."""
        member = item.member
        if item.content is not None or member is None:
            _write(descriptor, item.content or b"")
            return ""
        if member.kind == "copy":
            if member.size >= SMALL:
                span, block = self._spans.find(member.source, member.size), self._context.scratch.room(BLOCK)
                copy_span(span, member.crc32, descriptor, block)
            else:
                _write(descriptor, read_member(member, self._spans, self._context))
            return ""
        digest = sha256()
        for piece in self._edited(member):
            digest.update(piece)
            _write(descriptor, piece)
        return digest.hexdigest()

    def _edited(self, member: Member) -> Iterator[bytes | memoryview]:
        if member.size < WHOLE:
            yield read_member(member, self._spans, self._context)
            return
        with open_source(member, self._spans) as source:
            yield from source.pieces(BLOCK)

    def _mode(self, item: Item) -> int:
        """Return the permissions that installers give: what the umask leaves, and all may execute a program."""
        return 0o777 & ~self._umask | 0o111 if item.executable else 0o666 & ~self._umask

    def _make_parents(self, path: str) -> None:
        """Make the directories above a path; what is written must not land elsewhere, so none of them is a link."""
        directory = f"{self._site}/{path}".rpartition("/")[0]
        missing = []
        while directory not in self._made:
            missing.append(directory)
            directory = directory.rpartition("/")[0]
        for one in reversed(missing):
            with _explained(one):
                with suppress(FileExistsError):
                    os.mkdir(one)  # noqa: PTH102 - thousands of them
                if not stat.S_ISDIR(os.lstat(one).st_mode):
                    raise UserError(f"{one}: is in the way: a directory of ROCm goes there; move it away and run again")
            self._made.add(one)


def forget_byte_code(source: str) -> None:
    """Remove what Python compiled from a source: it goes by times of whole seconds."""
    directory, _, name = source.rpartition("/")
    with suppress(OSError), os.scandir(f"{directory}/__pycache__") as entries:
        for entry in entries:
            if entry.name.startswith(f"{name.removesuffix('.py')}.") and entry.name.endswith(".pyc"):
                Path(entry.path).unlink(missing_ok=True)


def _batches(items: Sequence[Item]) -> list[list[Item]]:
    """Return large items alone, the largest first, then the small ones by directory, so many at a time."""
    large = sorted((item for item in items if item.size >= BLOCK), key=lambda item: (-item.size, item.path))
    small = sorted((item for item in items if item.size < BLOCK), key=lambda item: item.path)
    return [*([item] for item in large), *(small[at : at + BATCH] for at in range(0, len(small), BATCH))]


@contextmanager
def _explained(target: str) -> Iterator[None]:
    try:
        yield
    except IsADirectoryError:
        raise UserError(f"{target}: is in the way: a file of ROCm goes there; move it away and run again") from None
    except OSError as error:
        todo = "free some space and run again" if error.errno in _FULL else "put that right and run again"
        raise UserError(f"{target}: cannot be written: {error.strerror}; {todo}") from None


def _write(descriptor: int, content: bytes | memoryview) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]


def _umask() -> int:
    """Return the umask, which a process can learn only by changing it, but for Linux's own word (proc(5))."""
    with suppress(OSError), Path("/proc/self/status").open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            if line.startswith("Umask:"):
                return int(line.split()[1], 8)
    return 0o022
