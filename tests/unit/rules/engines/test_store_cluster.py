"""With nothing shared but a store, others make what it lacks, and this process takes everything from there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from rules.engines.engine import SMALL, Inline, Load
from rules.engines.store_cluster import StoreCluster
from tools.errors import UserError
from tools.source.fetching import Fetching
from tools.store.elsewhere import ElsewhereRequest, make
from tools.store.keys import digest_of
from tools.store.store import open_store
from tools.workers.context import Context, make_context

LARGE = Load(seconds=60.0)


@dataclass(frozen=True)
class Request:
    """Something that the store keeps."""

    store: str
    plan: Path | None
    key: str = "0" * 64

    def is_stored(self, fetching: Fetching) -> bool:
        return open_store(self.store, fetching).has("files", self.key)


def take_or_make(request: Request, context: Context) -> dict[str, object]:
    store = open_store(request.store, context.fetching)
    if store.get("files", request.key) is not None:
        return {"taken": True, "notes": ["taken"]}
    store.put("files", request.key, b"made")
    return {"members": 3, "plan": request.plan.read_text() if request.plan else "", "notes": ["made"]}


def refuse(request: Request, context: Context) -> None:
    raise UserError("a sentence")


class Elsewhere(Inline):
    """An engine that counts what it is given."""

    def __init__(self) -> None:
        super().__init__(1)
        self.jobs: list[str] = []

    def submit(self, action, request, load=SMALL, *, name=""):
        self.jobs.append(name)
        return super().submit(action, request, load, name=name)


@pytest.fixture
def cluster():
    return Elsewhere()


@pytest.fixture
def engine(cluster):
    return StoreCluster(cluster, 1)


@pytest.fixture
def request_(tmp_path):
    (tmp_path / "plan").write_text("the plan")
    return Request(str(tmp_path / "store"), tmp_path / "plan")


def test_what_the_store_lacks_is_made_elsewhere_and_taken_here(engine, cluster, request_):
    done = engine.submit(take_or_make, request_, LARGE, name="a wheel").result(0)

    assert cluster.jobs == ["a wheel"]
    assert done == {"members": 3, "plan": "the plan", "notes": ["made", "taken"]}


def test_the_plan_goes_through_the_store(engine, request_):
    engine.submit(take_or_make, request_, LARGE).result(0)

    assert open_store(request_.store, Fetching()).get("files", digest_of(b"the plan")) == b"the plan"


def test_what_the_store_has_is_taken_here(engine, cluster, request_):
    open_store(request_.store, Fetching()).put("files", request_.key, b"made")

    assert engine.submit(take_or_make, request_, LARGE).result(0) == {"taken": True, "notes": ["taken"]}
    assert cluster.jobs == []


@pytest.mark.parametrize("load", [LARGE, SMALL])
def test_what_no_store_keeps_is_done_here(engine, cluster, load):
    assert engine.submit(lambda request, context: request, 42, load).result(0) == 42
    assert cluster.jobs == []


def test_an_error_elsewhere_comes_through(engine, request_):
    with pytest.raises(UserError, match=r"^a sentence$"):
        engine.submit(refuse, request_, LARGE).result(0)


def test_a_plan_that_somebody_removed_from_the_store_is_a_sentence(tmp_path):
    request = ElsewhereRequest(digest="0" * 64, action=take_or_make, request=Request(str(tmp_path), tmp_path / "plan"))

    with pytest.raises(UserError) as caught:
        make(request, make_context())

    assert str(caught.value) == f"{tmp_path}: lacks files/{'0' * 64}.json, which was put there; run again"


def test_a_plan_that_is_not_there_is_a_sentence(engine, request_):
    request_.plan.unlink()

    with pytest.raises(UserError) as caught:
        engine.submit(take_or_make, request_, LARGE).result(0)

    assert str(caught.value) == f"{request_.plan}: cannot be read: No such file or directory"
