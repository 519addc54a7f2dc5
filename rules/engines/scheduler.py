"""The scheduler of a Dask cluster: how it is reached, and what Dask's errors mean, in our words."""

from __future__ import annotations

import asyncio
import pickle
import threading
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from tools.errors import UserError, listed

if TYPE_CHECKING:
    from distributed import Client
    from tornado.ioloop import IOLoop

    from tools.workers.progress import Counts

PATIENCE = 10  # seconds for the scheduler to answer
GREETING = 2  # more seconds for it to say who it is
SILENCE = "20s"  # without an answer of its machine, after which the scheduler is taken for gone
_LOGGERS = ("distributed", "distributed.client", "distributed.core", "tornado")  # which say nothing of use here
_SAME = ("dask", "distributed")  # packages that must be the same everywhere


def connect(address: str, hear: Callable[[str, Counts], object], patience: int = PATIENCE) -> Client:
    """Return a client of the scheduler, which may take ``patience`` seconds to answer.

    ``hear`` is told the keys of tasks at work and what was counted of each.

    :raises UserError: when Dask is not installed, nobody answers, or scheduler and workers have other versions of it.
    """
    _import()
    client = _client(address, patience)
    if problem := other_versions(client.get_versions(), address):
        client.close(timeout=1)
        raise UserError(problem)
    from tools.workers.dask_worker import TOPIC

    client.subscribe_topic(TOPIC, lambda event: hear(event[1][0], pickle.loads(event[1][1])))
    return client


def has_workers(client: Client) -> bool:
    """Say whether a worker is connected, as far as the client was told: it asks every two seconds."""
    return bool(client._scheduler_identity.get("n_workers"))


def is_gone(error: BaseException) -> bool:
    """Say whether Dask gave a task up since its scheduler was lost."""
    return getattr(error, "reason", "") == "scheduler-connection-lost"


def sentence(error: BaseException, address: str) -> Exception:
    """Return what to tell of a task that Dask gave up; what cannot be told in a sentence is returned as it is."""
    from distributed import KilledWorker

    if is_gone(error):
        return UserError(
            f"scheduler: {address} is gone; start it and its workers again, then run again: what is finished is kept"
        )
    if isinstance(error, KilledWorker):
        return UserError(
            f"{error.allowed_failures + 1} workers of Dask ended in the middle of it, the last one at "
            f"{error.last_worker.address}; their logs say why; if memory ran out, give workers more or fewer threads "
            "(--nthreads)"
        )
    if isinstance(error, ImportError):
        return UserError(
            f"scheduler: {address} has workers without this project; start each with the `dask` of a checkout's "
            ".venv/bin"
        )
    if reason := getattr(error, "reason", ""):
        return UserError(f"Dask cancelled it: {reason}; run again")
    return error if isinstance(error, Exception) else RuntimeError(repr(error))


def other_versions(found: Mapping[str, Any], address: str) -> str:
    """Return a sentence about who has another version of Dask, of what its client found; "" where nobody has."""
    ours = found["client"]["packages"]
    there = {f"the scheduler {address}": found["scheduler"], **found["workers"]}
    for package in _SAME:
        others = [
            f"{place} has {other['packages'].get(package)}"
            for place, other in there.items()
            if other and other["packages"].get(package) != ours[package]
        ]
        if others:
            return (
                f"{package} is {ours[package]} here, and {listed(others)}; only equal ones understand each other; run "
                "in the checkout there, then start it again: .venv/bin/python -m pip install --no-deps "
                "--require-hashes --requirement requirements-dask.lock"
            )
    return ""


def _import() -> None:
    """Import Dask, quietly.

    :raises UserError: when it, or something that it needs, is not installed.
    """
    try:
        import dask

        with dask.config.set({"logging": dict.fromkeys(_LOGGERS, "critical")}):
            import distributed  # noqa: F401 - it reads what was set just now
    except ModuleNotFoundError as error:
        from tools.extra import command_for

        lacks = "which" if error.name in _SAME else f"of which {error.name}"
        raise UserError(f"engine=dask needs Dask, {lacks} is not installed; run: {command_for('dask')}") from None


def _client(address: str, patience: int) -> Any:
    import dask
    from distributed import Client

    dask.config.set({"distributed.comm.timeouts.tcp": SILENCE})
    loop = _running_loop()
    try:
        _greet(address, loop, patience)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that versions differ: told in a sentence
            return Client(address, loop=loop, timeout=patience, set_as_default=False, direct_to_workers=False)
    except OSError as error:
        raise UserError(_unanswered(error, address, patience)) from None
    except (TypeError, ValueError, RuntimeError) as error:
        if address.startswith("tls://"):
            raise UserError(
                f"scheduler: {address} needs certificates: distributed.comm.tls in Dask's configuration, or "
                "DASK_DISTRIBUTED__COMM__TLS__CA_FILE, ..__CLIENT__KEY and ..__CLIENT__CERT in the environment"
            ) from None
        raise UserError(f"scheduler: {address} cannot be used: {error}") from None


def _greet(address: str, loop: IOLoop, patience: int) -> None:
    """Exchange greetings with the scheduler, since Dask's client waits for one without an end.

    :raises UserError: when whoever is there does not greet as Dask does.
    """
    from distributed.comm import CommClosedError, connect
    from distributed.comm.core import FatalCommClosedError
    from distributed.security import Security

    async def greet() -> None:
        secured = Security().get_connection_args("client")
        comm = await asyncio.wait_for(connect(address, timeout=patience, **secured), patience + GREETING)
        comm.abort()

    try:
        asyncio.run_coroutine_threadsafe(greet(), loop.asyncio_loop).result()  # type: ignore[attr-defined]
    except FatalCommClosedError:
        raise  # a certificate
    except (TimeoutError, CommClosedError, MemoryError):  # the last: text, read as the length of what follows
        raise UserError(
            f"scheduler: something answers at {address}, but not as a Dask scheduler does; the scheduler's log names "
            "its address: the port of its dashboard is another one, and with TLS it begins with tls://"
        ) from None


def _running_loop() -> IOLoop:
    """Return an event loop that runs in a thread of its own until the process ends.

    Dask would begin one itself, and fail an assertion where a very busy machine takes ten seconds to do so. The client
    that is half made then deadlocks with the next one, when the garbage collector finds it.
    """
    from tornado.ioloop import IOLoop

    begun: Future[IOLoop] = Future()

    async def run() -> None:
        begun.set_result(IOLoop.current())
        await asyncio.Event().wait()

    threading.Thread(target=lambda: asyncio.run(run()), name="Dask", daemon=True).start()
    return begun.result()


def _unanswered(error: OSError, address: str, patience: int) -> str:
    reason = str(error.__cause__ or error)
    if "certificate" in reason.lower() or "ssl" in reason.lower():
        return f"scheduler: {address} does not accept our certificate, or we not its: {reason}"
    return f"scheduler: {address} does not answer within {patience} seconds; start it there with: dask scheduler"
