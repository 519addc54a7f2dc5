"""Where the heavy work runs: one seam, so that a distributed engine can take its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

Request = TypeVar("Request")
Result = TypeVar("Result")


class Engine(Protocol):
    """Runs ``function(request)`` somewhere. The function is a module's, the request a frozen value."""

    def run(self, function: Callable[[Request], Result], request: Request) -> Result:
        """Return what ``function(request)`` returns; its exceptions come through."""

    def close(self) -> None:
        """Give up what runs and let go of all resources."""


class Inline:
    """In the thread of the task itself."""

    def run(self, function: Callable[[Request], Result], request: Request) -> Result:
        """Return ``function(request)``."""
        return function(request)

    def close(self) -> None:
        """Nothing is held."""


class Threads:
    """In a pool of threads: at most ``jobs`` requests at a time, however many tasks doit has started."""

    def __init__(self, jobs: int) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self._pool = ThreadPoolExecutor(jobs, thread_name_prefix="engine")

    def run(self, function: Callable[[Request], Result], request: Request) -> Result:
        """Wait for a free thread and return ``function(request)``."""
        return self._pool.submit(function, request).result()

    def close(self) -> None:
        """Drop what has not begun."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def make_engine(name: str, jobs: int) -> Engine:
    """Return the engine called ``name``, one of :data:`rules.loading.settings.ENGINES`."""
    return Threads(jobs) if name == "threads" else Inline()
