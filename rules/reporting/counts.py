"""How many wheels and other steps a run made, left alone and failed to make: its last line."""

from __future__ import annotations

from dataclasses import dataclass

_TAKEN = "taken from the store"


@dataclass(slots=True)
class Counts:
    """How many tasks of one kind ended in which way; a group does nothing itself and is not counted."""

    kind: str
    verb: str  # what is said of those that were done
    done: int = 0
    taken: int = 0  # the store had what they would have made
    current: int = 0  # had nothing to do
    failed: int = 0
    left: int = 0  # were not reached, or stand behind a failed one

    def succeeded(self, *, is_taken: bool) -> None:
        """Count a task that went well."""
        self.taken += is_taken
        self.done += not is_taken

    def text(self) -> str:
        """Return all counts, but those of what is left only where something is."""
        left = f", {self.left} left" if self.left else ""
        taken = f"{self.taken} {_TAKEN}, " if self.taken else ""
        return f"{self.kind}: {self.done} {self.verb}, {taken}{self.current} up to date, {self.failed} failed{left}"

    def short(self) -> str:
        """Return the counts that are not 0."""
        counts = (
            (self.done, self.verb),
            (self.taken, _TAKEN),
            (self.current, "up to date"),
            (self.failed, "failed"),
        )
        return f"{self.kind}: " + ", ".join(f"{count} {word}" for count, word in counts if count)

    def __bool__(self) -> bool:
        """Say whether there are any."""
        return bool(self.done or self.taken or self.current or self.failed or self.left)


def counts_text(wheels: Counts, steps: Counts) -> str:
    """Return one line. Where there are wheels it begins with their counts, always in the same form."""
    if not wheels:
        return steps.text()
    return f"{wheels.text()}; other {steps.short()}" if steps else wheels.text()
