"""Worker processes: ``python -m tools.workers.server``, started by whoever has jobs for them.

This process imports what jobs need, once, and forks a worker whenever it is told to, so that they share that memory; it
runs no job itself.
A worker takes (action, request, name) triples from its connection and runs one after the other with its own context.
It sends what it counts and what its threads are at while it is at work, then the outcome.

No worker outlives the process that it works for. That process holds the other end of a pipe, whose end is theirs. Until
then they hold the descriptors that they were given, the build lock among them: it is free only when nobody writes.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import NoReturn

from tools.workers.activities import Activities, Activity, sample
from tools.workers.context import Context, make_context
from tools.workers.limits import Limits
from tools.workers.messages import Counted, Message, Returned, Traced, encode, raised
from tools.workers.progress import Counts
from tools.workers.shared import SharedBudget, Tokens

PERIOD = 0.25  # seconds between two messages that say what was counted


def main() -> None:
    """Fork a worker for each byte on standard input, and say on the descriptor ``ended`` how each one ended.

    The command line names, as numbers: the pipe that ends with the process that the workers work for, ``ended``, how
    many cores may be busy, and the descriptors of the connections, in the order in which workers get them.
    """
    begin = time.monotonic_ns()
    alive, ended, cores, *connections = map(int, sys.argv[1:])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; who started us decides
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    _import_what_jobs_need()
    limits = Limits(threads=cores)
    budget, tokens = SharedBudget(limits.memory), Tokens(cores)
    gc.collect()
    gc.freeze()  # a collection in a worker would write to, and so copy, what it shares
    activities = Activities()
    activities.add(Activity("server", "import", begin, time.monotonic_ns(), time.thread_time_ns()))
    watch = _Watch(ended)
    for number, descriptor in enumerate(connections):
        if not os.read(sys.stdin.fileno(), 1):
            break
        if watch.fork(number) == 0:
            for other in (ended, *connections[number + 1 :]):
                os.close(other)  # else a connection would stay open when its worker is gone
            each = limits.of_each(len(connections))
            _work(alive, descriptor, make_context(each, budget=budget, cores=tokens, activities=activities))
        activities.take()  # the first worker tells what this process was at
        os.close(descriptor)
    watch.wait()


class _Watch:
    """The workers that there are, and a line on the descriptor ``ended`` for each that ends."""

    def __init__(self, ended: int) -> None:
        self._ended = ended
        self._workers: dict[int, int] = {}  # process -> number
        signal.signal(signal.SIGCHLD, self._reap)

    def fork(self, number: int) -> int:
        """Fork worker ``number``; return its process, or 0 in the worker."""
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])  # until it is noted
        pid = os.fork()
        if pid:
            self._workers[pid] = number
        else:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        return pid

    def wait(self) -> None:
        """Wait for the end of all workers."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        while self._workers:
            self._say(*os.wait())

    def _reap(self, *_: object) -> None:
        with suppress(ChildProcessError):  # a signal in the midst of this: that call has seen the last of them
            while self._workers and (end := os.waitpid(-1, os.WNOHANG))[0]:
                self._say(*end)

    def _say(self, pid: int, status: int) -> None:
        line = f"{self._workers.pop(pid)} {os.waitstatus_to_exitcode(status)}\n"
        with suppress(BrokenPipeError):  # nobody is there any more
            os.write(self._ended, line.encode())


def _import_what_jobs_need() -> None:
    import tools.catalog.scan
    import tools.plan.family
    import tools.wheel.build  # noqa: F401 - each is here for what it imports


def _work(alive: int, connection: int, context: Context) -> NoReturn:
    """Run jobs until there are no more, and end the process."""
    threading.Thread(target=_end_with, args=(alive,), daemon=True).start()
    try:
        _Worker(Connection(connection), context).run()
    except (EOFError, OSError):  # nobody is there any more
        os._exit(0)


def _end_with(alive: int) -> None:
    """End this process when the one that it works for is gone."""
    os.read(alive, 1)  # nobody ever writes: it returns when the other end is closed
    os.kill(os.getpid(), signal.SIGKILL)


class _Worker:
    def __init__(self, connection: Connection, context: Context) -> None:
        self._connection, self._context = connection, context
        self._lock = threading.Lock()  # one message at a time
        self._busy = threading.Event()
        self._said = Counts()

    def run(self) -> NoReturn:
        threading.Thread(target=self._tell, name="tell", daemon=True).start()
        while True:
            action, request, name = self._connection.recv()
            self._busy.set()
            with self._context.activities.during("jobs", name):
                outcome = self._outcome(action, request)
            self._busy.clear()
            self._say_counts()
            self._send(outcome)

    def _outcome(self, action: Callable[[object, Context], object], request: object) -> Message:
        try:
            return Returned(action(request, self._context))
        except Exception as error:
            return raised(error)
        finally:
            self._context.progress.go_on()

    def _tell(self) -> None:
        """Say what was counted and done, as long as there is a job."""
        pause = threading.Event()
        with suppress(OSError):  # nobody is there any more
            while self._busy.wait():
                pause.wait(PERIOD)
                with self._context.activities.during("tell", "tell"):
                    self._say_counts()

    def _say_counts(self) -> None:
        with self._lock:
            counts = self._context.progress.counts()
            if counts != self._said:
                self._said = counts
                self._connection.send_bytes(encode(Counted(counts)))
            self._connection.send_bytes(encode(Traced(self._context.activities.take(), sample())))

    def _send(self, message: Message) -> None:
        with self._lock:
            self._connection.send_bytes(encode(message))


if __name__ == "__main__":
    main()
