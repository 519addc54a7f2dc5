"""What passes is tried again, after a while that grows; what does not is said at once."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tools.errors import UserError

T = TypeVar("T")
Waits = Callable[[str], object]  # is told what is being waited for, in a line
LONGEST_ASKED = 300.0  # seconds that a server may ask to wait (Retry-After)


class Passing(Exception):
    """A failure that may be over soon: its words, and the seconds to wait that the server asks for."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often and how long to try. The defaults give up after a minute or two without a byte."""

    attempts: int = 9
    first: float = 0.5  # seconds before the second attempt; each time twice as long
    longest: float = 30.0  # seconds
    timeout: float = 60.0  # seconds that a server may be silent within an attempt


PATIENCE = Patience()


class Tries:
    """The attempts at one thing."""

    def __init__(self, place: str, patience: Patience, waits: Waits | None) -> None:
        self._place, self._patience, self._waits = place, patience, waits
        self._failures, self._waited = 0, 0.0

    def progress(self) -> None:
        """Begin to count anew: something came."""
        self._failures, self._waited = 0, 0.0

    def failed(self, error: Passing) -> None:
        """Wait for the next attempt.

        :raises UserError: when this was the last one.
        """
        self._failures += 1
        if self._failures >= self._patience.attempts:
            raise UserError(
                f"{self._place}: cannot be fetched: {error} ({self._failures} attempts in {self._waited:.0f} s without "
                f"a byte); run again to go on"
            ) from None
        pause = self._pause(error)
        if self._waits:
            attempts = f"attempt {self._failures + 1} of {self._patience.attempts}"
            self._waits(f"{self._place}: {error}; {attempts} in {pause:.1f} s")
        threading.Event().wait(pause)
        self._waited += pause

    def _pause(self, error: Passing) -> float:
        if error.after is not None:
            return min(error.after, LONGEST_ASKED)
        longest = min(self._patience.first * 2.0 ** (self._failures - 1), self._patience.longest)
        return longest * random.uniform(0.5, 1.0)  # so that many do not come back at one moment


def patiently(action: Callable[[], T], place: str, patience: Patience, waits: Waits | None = None) -> T:
    """Return what ``action`` returns, as soon as it does not raise Passing.

    :raises UserError: when it never does.
    """
    tries = Tries(place, patience, waits)
    while True:
        try:
            return action()
        except Passing as error:
            tries.failed(error)
