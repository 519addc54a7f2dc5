"""Members that are compressed whole: one large, or a batch of small ones."""

from __future__ import annotations

import threading
from collections.abc import Container, Sequence
from functools import partial

from tools.wheel.compress.packing import pack_all
from tools.wheel.limits import BLOCK
from tools.wheel.payload import Payload
from tools.wheel.schedule.copying import copies, copy_large, fits
from tools.wheel.schedule.steps import Job, Memory, Work
from tools.wheel.zip.writer import Packed
from tools.workers.reuse import STORE, Claim, Found, Stored

_OVERHEAD = 4096  # bytes of objects a member needs while it is under way
_REPAIR = threading.Lock()  # repairs are not in the budget, so there is one at a time


class WholeStep:
    """Some members that lie beside each other."""

    is_awaited = False  # it holds all its memory before anybody can wait for it

    def __init__(self, payloads: Sequence[Payload], work: Work) -> None:
        self._payloads, self._work = payloads, work
        self.cost = sum([2 * payload.size + _OVERHEAD for payload in payloads])  # content and result
        self._claim = Claim()
        self._found: list[Found] = []
        self._promises: set[Claim] = set()  # others', for some of the members
        self._job: Job[list[Packed]] | None = None

    def start(self, memory: Memory) -> None:
        """Claim the members and compress those that nobody has."""
        self._found = STORE.claim([payload.recipe for payload in self._payloads], self._claim)
        self._promises = {found for found in self._found if isinstance(found, Claim) and found is not self._claim}
        if fresh := self._fresh():
            # Small members first: each leaves work for this thread, which then goes on while large ones are compressed.
            work = partial(self._pack, fresh, memory)
            self._job = Job(self._work.pool, work, memory, urgent=len(self._payloads) > 1)
        else:
            memory.keep(0)

    def is_ready(self) -> bool:
        """Say whether all is compressed, here and where others promised it."""
        return (self._job is None or self._job.is_done()) and all(claim.settled.is_set() for claim in self._promises)

    def write(self) -> None:
        """Append the members and say where their bytes are now."""
        archive, first = self._work.archive, len(self._work.archive.rows)
        for claim in self._promises:
            claim.settled.wait()
        if not self._copied_large():
            archive.add_all(list(zip(self._payloads, self._packed(), strict=True)))
        STORE.publish(self._work.place, archive.rows[first:])
        STORE.release(self._claim)
        if self._job:
            self._job.end()

    def abandon(self) -> None:
        """Give up the claim and the memory."""
        STORE.release(self._claim)
        if self._job:
            self._job.end()

    def _pack(self, fresh: Sequence[Payload], memory: Memory) -> list[Packed]:
        packed = pack_all(fresh, self._work.spans, self._work.level)
        memory.keep(sum([len(one.data) for one in packed]))
        return packed

    def _fresh(self) -> list[Payload]:
        return [payload for payload, found in zip(self._payloads, self._found, strict=True) if found is None]

    def _known(self, packed: Container[str] = ()) -> list[Stored | None]:
        """Return where each member is by now that this step neither compresses nor has ``packed`` already."""
        own = self._claim
        others = [
            None if found is None or found is own or payload.recipe in packed else STORE.find(payload.recipe)
            for payload, found in zip(self._payloads, self._found, strict=True)
        ]
        return [
            stored if stored is not None and fits(payload, stored) else None
            for payload, stored in zip(self._payloads, others, strict=True)
        ]

    def _copied_large(self) -> bool:
        """Copy the one large member that this step has from another wheel, if it is one and some wheel has it."""
        while len(self._payloads) == 1 and (stored := self._known()[0]) and stored.row.compressed_size > BLOCK:
            if copy_large(self._work.archive, self._payloads[0], stored):
                return True
        return False

    def _packed(self) -> list[Packed]:
        """Return all members compressed: by the job, copied from other wheels, and the rest by this thread."""
        packed: dict[str, Packed] = {}
        if self._job:
            packed.update(zip((payload.recipe for payload in self._fresh()), self._job.result(), strict=True))
        wanted = {payload.recipe: payload for payload in self._payloads}
        while len(packed) < len(wanted) and any(known := self._known(packed)):
            packed.update(copies(self._payloads, known))  # again: a wheel that is gone by now was replaced by another
        if missing := {recipe: payload for recipe, payload in wanted.items() if recipe not in packed}:
            with _REPAIR:
                repaired = pack_all(list(missing.values()), self._work.spans, self._work.level)
            packed.update(zip(missing, repaired, strict=True))
        return [packed[payload.recipe] for payload in self._payloads]
