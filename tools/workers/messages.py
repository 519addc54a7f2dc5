"""What a worker process says to the one that it works for."""

from __future__ import annotations

import pickle
import traceback
from dataclasses import dataclass
from typing import TypeAlias

from tools.errors import UserError
from tools.workers.activities import Activity, Sample
from tools.workers.progress import Counts


@dataclass(frozen=True, slots=True)
class Counted:
    """What a worker has counted since it began."""

    counts: Counts


@dataclass(frozen=True, slots=True)
class Traced:
    """What the threads of a worker were at since it last said so, and its memory now."""

    activities: tuple[Activity, ...]
    sample: Sample


@dataclass(frozen=True, slots=True)
class Returned:
    """What an action returned."""

    value: object


@dataclass(frozen=True, slots=True)
class Raised:
    """What an action raised."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Lost:
    """That a worker ended in the middle of an action: told by who waits for it."""

    code: int | None  # its exit code, negative for a signal; None when nobody can tell
    is_first: bool  # False: it ended since another one was lost, or since all were told to

    def __str__(self) -> str:
        """Return how it ended, as a verb and what follows."""
        if self.code is None:
            return "is gone"
        return f"was killed by signal {-self.code}" if self.code < 0 else f"ended with code {self.code}"


Outcome: TypeAlias = Returned | Raised
Message: TypeAlias = Counted | Traced | Outcome


def encode(message: Message) -> bytes:
    """Return the message pickled; an outcome that does not pickle is an error that says so."""
    try:
        return pickle.dumps(message)
    except Exception as problem:  # pickle lets TypeError, AttributeError and whatever __reduce__ raises through
        if isinstance(message, Raised):
            error = RuntimeError(f"{type(message.error).__name__}: {message.error}")
            return pickle.dumps(Raised(_with_notes(error, message.error)))
        return pickle.dumps(Raised(RuntimeError(f"the result of an action cannot be sent: {problem}")))


def raised(error: Exception) -> Raised:
    """Return the message of an error. A bug brings its traceback along as a note, for it would stay behind."""
    if not isinstance(error, UserError | OSError):
        error.add_note("In a worker process:\n" + "".join(traceback.format_exception(error)).rstrip())
    return Raised(error)


def _with_notes(error: Exception, other: Exception) -> Exception:
    for note in getattr(other, "__notes__", ()):
        error.add_note(note)
    return error
