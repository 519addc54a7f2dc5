"""Members that are compressed whole: one large, or a batch of small ones."""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import partial

from tools.wheel.payload import Payload
from tools.wheel.schedule.copying import fits
from tools.wheel.schedule.steps import Memory, Piece, Work
from tools.wheel.zip.writer import Packed
from tools.workers.reuse import Fresh, Located, Promise, Whereabouts

_OVERHEAD = 4096  # bytes of objects a member needs while it is under way


class WholeStep:
    """Some members that lie beside each other."""

    is_awaited = False  # it holds all its memory before anybody can wait for it

    def __init__(self, payloads: Sequence[Payload], work: Work) -> None:
        self._payloads, self._work = payloads, work
        self.cost = sum([2 * payload.size + _OVERHEAD for payload in payloads])  # content and result
        self._reuse = work.context.reuse
        self._promise = Promise()
        self._found: list[Whereabouts] = []
        self._awaited: set[Promise] = set()  # of others, for some of the members
        self._piece: Piece[list[Packed]] | None = None

    def start(self, memory: Memory) -> None:
        """Promise the members that nobody has, and compress them."""
        self._found = self._reuse.claim([payload.recipe for payload in self._payloads], self._promise)
        self._awaited = {found for found in self._found if isinstance(found, Promise) and found is not self._promise}
        if fresh := self._fresh():
            # Small members first: each leaves work for this thread, which then goes on while large ones are compressed.
            work = partial(self._pack, fresh, memory)
            size = sum([payload.size for payload in fresh])
            self._piece = Piece(self._work.context.pool, work, memory, mostly_python=len(self._payloads) > 1, size=size)
        else:
            memory.keep(0)

    def is_ready(self) -> bool:
        """Say whether all is compressed, here and where others promised it."""
        return (self._piece is None or self._piece.is_done()) and all(
            promise.settled.is_set() for promise in self._awaited
        )

    def write(self) -> None:
        """Append the members and say where their bytes are now."""
        archive, first = self._work.archive, len(self._work.archive.rows)
        for promise in self._awaited:
            promise.settled.wait()
        if not self._copied_large():
            archive.add_all(list(zip(self._payloads, self._packed(), strict=True)))
        self._reuse.publish(self._work.file, archive.rows[first:])
        self._reuse.release(self._promise)
        if self._piece:
            self._piece.end()

    def abandon(self) -> None:
        """Give up the promise and the memory."""
        self._reuse.release(self._promise)
        if self._piece:
            self._piece.end()

    def _pack(self, fresh: Sequence[Payload], memory: Memory) -> list[Packed]:
        packed = self._work.packer.pack_all(fresh)
        memory.keep(sum([len(one.data) for one in packed]))
        return packed

    def _fresh(self) -> list[Payload]:
        return [payload for payload, found in zip(self._payloads, self._found, strict=True) if isinstance(found, Fresh)]

    def _located(self, packed: Container[str] = ()) -> list[Located | None]:
        """Return where each member is by now that this step neither compresses nor has ``packed`` already."""
        return [
            None if self._is_own(found) or payload.recipe in packed else self._find(payload)
            for payload, found in zip(self._payloads, self._found, strict=True)
        ]

    def _is_own(self, found: Whereabouts) -> bool:
        return isinstance(found, Fresh) or found is self._promise

    def _find(self, payload: Payload) -> Located | None:
        located = self._reuse.find(payload.recipe)
        return located if located is not None and fits(payload, located) else None

    def _copied_large(self) -> bool:
        """Copy the one large member that this step has from another wheel, if it is one and some wheel has it."""
        is_large = self._work.sizes.block
        while len(self._payloads) == 1 and (located := self._located()[0]) and located.row.compressed_size > is_large:
            if self._work.copier.copy_large(self._work.archive, self._payloads[0], located):
                return True
        return False

    def _packed(self) -> list[Packed]:
        """Return all members compressed: by the pool, copied from other wheels, and the rest by this thread."""
        packed: dict[str, Packed] = {}
        if self._piece:
            packed.update(zip((payload.recipe for payload in self._fresh()), self._piece.result(), strict=True))
        wanted = {payload.recipe: payload for payload in self._payloads}
        while len(packed) < len(wanted) and any(located := self._located(packed)):
            # Once more, since a wheel that is gone by now was replaced by another.
            packed.update(self._work.copier.copies(self._payloads, located))
        if missing := {recipe: payload for recipe, payload in wanted.items() if recipe not in packed}:
            with self._work.context.repair:
                repaired = self._work.packer.pack_all(list(missing.values()))
            packed.update(zip(missing, repaired, strict=True))
        return [packed[payload.recipe] for payload in self._payloads]
