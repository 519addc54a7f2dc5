"""Worker processes of this machine, seen from whoever has jobs for them; tools.workers.server is the other side."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from tools.workers.messages import Counted, Lost, Outcome, Traced

PATIENCE = 10.0  # seconds for processes that were told to end; they need a hundredth on a machine that is not busy
_LOOK = 0.25  # seconds between two looks at whether a job is wanted

Told = Callable[[Counted | Traced], object]  # hears what a worker says while it is at work


class Group:
    """Up to ``count`` processes, each begun when it is asked for. They share cores and memory, so they end together."""

    def __init__(self, count: int, held: Sequence[int] = ()) -> None:
        """``held`` are descriptors that stay open until the last worker has ended."""
        self._was_told = False  # to end, by whoever has jobs
        self._has_ended = False
        self._alive = os.pipe()  # the workers' end of it ends with this process
        self._ended = os.pipe()
        self._begun = os.pipe()  # a byte a worker
        self._pairs = [Pipe() for _ in range(count)]
        self._next = 0
        theirs = [self._alive[0], self._ended[1], *(there.fileno() for _, there in self._pairs)]
        command = [sys.executable, "-m", "tools.workers.server", *map(str, theirs[:2]), str(count)]
        with _sigint_blocked():  # Ctrl-C reaches the whole group; the server ignores it as soon as it can
            self._server = subprocess.Popen(
                [*command, *map(str, theirs[2:])], pass_fds=[*theirs, *held], stdin=self._begun[0]
            )
        for number in (self._alive[0], self._ended[1], self._begun[0]):
            os.close(number)
        for _, there in self._pairs:
            there.close()
        self._codes: dict[int, int] = {}  # worker -> exit code, negative for a signal; in the order they ended
        self._is_over = False  # no further code will be told
        self._code_is_known = threading.Condition()
        self._change = threading.Lock()
        self._listener = threading.Thread(target=self._hear_of_ends, daemon=True)
        self._listener.start()

    def begin(self) -> Worker:
        """Return one more worker; whether it is there shows when it is given a job."""
        with self._change:
            number, self._next = self._next, self._next + 1
            if not self._has_ended:
                with suppress(BrokenPipeError):  # the server is gone, as will be told of the job that the worker takes
                    os.write(self._begun[1], b"+")
        return Worker(number, self._pairs[number][0], self)

    def lost(self, number: int) -> Lost:
        """Return how worker ``number`` ended, and end the others: what it held they may wait for."""
        with self._code_is_known:
            self._code_is_known.wait_for(lambda: number in self._codes or self._is_over, PATIENCE)
            first, code = next(iter(self._codes), number), self._codes.get(number)
        self._end()
        return Lost(code, is_first=first == number and not self._was_told)

    def end(self) -> None:
        """Let the workers find that nobody is there, and wait a moment for the last of them to end."""
        self._was_told = True
        self._end()

    def _end(self) -> None:
        with self._change:
            if not self._has_ended:  # else the numbers may be those of other files by now
                os.close(self._alive[1])
                os.close(self._begun[1])
            self._has_ended = True
        with suppress(subprocess.TimeoutExpired):
            self._server.wait(PATIENCE)
            if threading.current_thread() is not self._listener:
                self._listener.join(PATIENCE)

    def _hear_of_ends(self) -> None:
        with os.fdopen(self._ended[0], encoding="ascii") as lines:
            for line in lines:
                number, code = map(int, line.split())
                with self._code_is_known:
                    self._codes.setdefault(number, code)
                    self._code_is_known.notify_all()
        with self._code_is_known:
            self._is_over = True
            self._code_is_known.notify_all()
        self._end()  # the server is gone, by itself or killed: in that case there still are workers


class Worker:
    """One process, seen from here."""

    def __init__(self, number: int, connection: Connection, group: Group) -> None:
        self._number, self._connection, self._group = number, connection, group

    def run(
        self,
        action: Callable[[Any, Any], object],
        request: object,
        name: str,
        told: Told,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> Outcome | Lost:
        """Have a job done and return its outcome. When it is not wanted any more, the whole group ends.

        What pickle raises of a request goes through.
        """
        try:
            self._connection.send((action, request, name))
            while True:
                if not is_wanted():
                    self._group.end()
                if not self._connection.poll(_LOOK):
                    continue
                message = self._connection.recv()
                if isinstance(message, Counted | Traced):
                    told(message)
                else:
                    return message  # type: ignore[no-any-return]  # as messages say
        except (EOFError, OSError):
            return self._group.lost(self._number)


@contextmanager
def _sigint_blocked() -> Iterator[None]:
    """Let a process that this thread starts in the block begin with Ctrl-C held back."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
