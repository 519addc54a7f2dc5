"""How much of a machine the jobs of one process may use."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tools.workers.pool import cores

MIB = 1 << 20  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Cores and memory of one process that runs jobs. All of it together stays below 1 GiB of private memory."""

    threads: int = field(default_factory=cores)  # that hash and compress
    memory: int = 384 * MIB  # source and compressed bytes under way, all wheels together
    kept: int = 192 * MIB  # contents that a catalog job keeps for the wheel job: the small files of a whole ROCm build
    members: int = 100_000  # of finished wheels, whose place is remembered: 0.6 KB each
    wheels: int = 4  # written at a time: each has its plan and its receipt in memory, 40 MB for 20,000 members
    processes: int = 1  # that share the memory

    @property
    def scratch(self) -> int:
        """Bytes that a thread may keep to read files into; all threads together no more than ``memory``."""
        return max(MIB, self.memory // max(4, 2 * self.processes * self.threads))

    def of_each(self, processes: int) -> Limits:
        """Return the limits of each of so many processes, which share cores and memory.

        A process does one job at a time, and the next job on the same contents is another process's, so none is kept.
        """
        return replace(self, kept=0, members=self.members // processes, wheels=1, processes=processes)
