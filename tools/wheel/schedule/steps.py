"""The work of writing a wheel's members, cut into steps that are started early and finished in order.

A step is started: it promises those of its recipes that nobody has or has promised yet, and the pool compresses them.
Later it is written.
Why nothing waits in a circle: what the pool does waits for nothing; a step starts when it holds its memory; only the
writing of a step waits, and only for promises that were made before its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from typing import Generic, Protocol, TypeAlias, TypeVar

from tools.artifact.source import Spans
from tools.wheel.compress.packing import Packer
from tools.wheel.schedule.copying import Copier
from tools.wheel.sizes import Sizes
from tools.wheel.zip.writer import ArchiveWriter
from tools.workers.budget import Budget
from tools.workers.context import Context
from tools.workers.pool import Pool
from tools.workers.progress import Progress
from tools.workers.reuse import WheelFile

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The wheel that steps belong to."""

    archive: ArchiveWriter
    file: WheelFile  # behind ``archive``
    spans: Spans  # where the sources are
    level: int  # of libdeflate
    sizes: Sizes
    context: Context
    progress: Progress  # of this wheel

    @property
    def packer(self) -> Packer:
        """What compresses members whole."""
        return Packer(self.spans, self.level, self.sizes.probe, self.context, self.progress)

    @property
    def copier(self) -> Copier:
        """What takes members out of other wheels."""
        return Copier(self.context.reuse, self.sizes, self.progress)


class Step(Protocol):
    """A part of a wheel, in the order it lies in the file."""

    @property
    def cost(self) -> int:
        """Bytes of memory it may need while it is under way."""

    @property
    def is_awaited(self) -> bool:
        """Whether other wheels may wait for it already, so that it must go on when memory is short."""

    def start(self, memory: Memory) -> None:
        """Begin, without waiting for anything. The step owns ``memory`` from here on."""

    def is_ready(self) -> bool:
        """Say whether :meth:`write` would not wait."""

    def write(self) -> None:
        """Finish and append to the archive."""

    def abandon(self) -> None:
        """Give up what was begun, after an error somewhere in the wheel."""


Steps: TypeAlias = Generator[Step, None, None]


class Memory:
    """A part of a budget, given back at once or bit by bit."""

    def __init__(self, amount: int, budget: Budget) -> None:
        self._amount, self._budget = amount, budget

    def keep(self, amount: int) -> None:
        """Give back all but ``amount``."""
        if amount < self._amount:
            self._amount, surplus = amount, self._amount - amount
            self._budget.give(surplus)


class Piece(Generic[Result]):
    """A piece of work in the pool: a function, with the memory of its arguments and its result."""

    def __init__(
        self, pool: Pool, function: Callable[[], Result], memory: Memory, *, mostly_python: bool = False, size: int
    ) -> None:
        """Have ``function`` compress ``size`` bytes."""
        self._memory = memory
        self._future: Future[Result] = pool.submit(function, mostly_python=mostly_python, step="compress", size=size)

    def is_done(self) -> bool:
        """Say whether :meth:`result` would not wait."""
        return self._future.done()

    def result(self) -> Result:
        """Wait for the function and return its result, or raise its exception."""
        return self._future.result()

    def end(self) -> None:
        """Give the memory back, as soon as the function has let go of it."""
        if self._future.cancel() or self._future.done():
            self._memory.keep(0)
        else:
            self._future.add_done_callback(lambda _: self._memory.keep(0))


def run_steps(steps: Steps, budget: Budget) -> None:
    """Start the steps as far ahead as ``budget`` allows and write them in order."""
    queue: deque[Step] = deque()
    with closing(steps):
        try:
            for step in steps:
                memory = _take_memory(step, queue, budget)
                queue.append(step)
                step.start(memory)
                while queue and queue[0].is_ready():
                    _write_first(queue)
            while queue:
                _write_first(queue)
        except BaseException:
            for step in queue:
                step.abandon()
            raise


def _take_memory(step: Step, queue: deque[Step], budget: Budget) -> Memory:
    while not budget.try_take(step.cost):
        if queue:
            _write_first(queue)
        elif step.is_awaited:
            budget.overdraw(step.cost)
            break
        else:
            budget.take(step.cost)
            break
    return Memory(step.cost, budget)


def _write_first(queue: deque[Step]) -> None:
    queue[0].write()  # while it writes it stays in the queue, so that it is abandoned with the others if it fails
    queue.popleft()
