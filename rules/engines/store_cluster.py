"""``engine=dask`` with nothing shared but a store: workers make what it lacks, and this process takes it from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from rules.engines.engine import SMALL, Engine, History, Inline, Load

if TYPE_CHECKING:
    from tools.workers.progress import Counts

Result = TypeVar("Result")


class StoreCluster:
    """Jobs whose result the store keeps are done on the cluster, all others in this process.

    A plan is one of the others: it needs all catalogs, and takes seconds.
    """

    def __init__(self, cluster: Engine, jobs: int) -> None:
        self._cluster, self._inline = cluster, Inline(jobs)

    def submit(
        self, action: Callable[[Any, Any], Result], request: Any, load: Load = SMALL, *, name: str = ""
    ) -> Future[Result]:
        """Return a future that is done."""
        future: Future[Result] = Future()
        try:
            made = self._made_elsewhere(action, request, load, name) if load.seconds else None
            done: Any = self._inline.submit(action, request, name=name).result()
            future.set_result(done if made is None else _both(made, done))
        except Exception as error:
            future.set_exception(error)
        return future

    def during(self, name: str) -> AbstractContextManager[None]:
        """Note what the thread of whoever asks is at while the block lasts."""
        return self._inline.during(name)

    def progress(self) -> Counts:
        """Return what was counted here and on the workers."""
        return self._inline.progress() + self._cluster.progress()

    def history(self) -> History:
        """Return what this process and the workers were at."""
        here, there = self._inline.history(), self._cluster.history()
        here.processes["doit"].activities += there.processes.pop("doit").activities
        return History(waits=here.waits + there.waits, processes=here.processes | there.processes)

    def where(self) -> str:
        """Return how many workers there are."""
        return self._cluster.where()

    def cancel(self) -> bool:
        """End what runs on the cluster."""
        return self._cluster.cancel()

    def _made_elsewhere(
        self, action: Callable[[Any, Any], object], request: Any, load: Load, name: str
    ) -> Mapping[str, Any] | None:
        """Let a worker make what the store lacks; None where that is nothing."""
        from tools.store.elsewhere import ElsewhereRequest, Stored, is_stored, make, offer

        if not isinstance(request, Stored) or self._inline.submit(is_stored, request).result():
            return None
        digest = self._inline.submit(offer, request).result()
        sent = ElsewhereRequest(digest=digest, action=action, request=request)
        made: Any = self._cluster.submit(make, sent, replace(load, outline=None), name=name).result()
        return made or {}


def _both(made: Mapping[str, Any], taken: Mapping[str, Any]) -> Any:
    """Return what a worker made, with what there was to say when it was taken from the store."""
    notes = [*made.get("notes", ()), *(taken or {}).get("notes", ())]
    return {**made, **({"notes": notes} if notes else {})}
