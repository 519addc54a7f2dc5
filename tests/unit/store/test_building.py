"""A wheel out of the store, or built and put there."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tools.errors import UserError
from tools.receipt import Receipt
from tools.store.building import StoredProductRequest, take_or_build
from tools.values import write_json
from tools.workers.context import Context, make_context

NAME = "rocm_sdk_core-1.0-py3-none-any.whl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Something to build."""

    receipt: Path
    content: bytes


def build(request: Request, context: Context) -> Mapping[str, object]:
    """Write a file and its receipt."""
    request.receipt.parent.mkdir(parents=True, exist_ok=True)
    request.receipt.with_name(NAME).write_bytes(request.content)
    receipt = Receipt(
        package="core",
        family="generic",
        distribution="rocm-sdk-core",
        version="1.0",
        filename=NAME,
        size=len(request.content),
        sha256=hashlib.sha256(request.content).hexdigest(),
        requires_python="",
        metadata="",
        metadata_sha256="",
    )
    write_json(request.receipt, receipt)
    return {"members": 7}


@pytest.fixture
def request_of(tmp_path):
    """Return what makes the request of a machine."""
    (tmp_path / "plan.json").write_text("plan")

    def make(machine: str, content: bytes = b"wheel", **changes: object) -> StoredProductRequest:
        request = StoredProductRequest(
            store=str(tmp_path / "store"),
            rule={"rule": 1},
            plan=tmp_path / "plan.json",
            filename=NAME,
            build=build,
            request=Request(receipt=tmp_path / machine / "receipt.json", content=content),
        )
        return replace(request, **changes)

    return make


def files(request: StoredProductRequest) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in request.request.receipt.parent.iterdir()}


def test_what_one_machine_built_another_takes(request_of):
    one, two = request_of("one"), request_of("two", b"what it would have built")

    assert take_or_build(one, make_context()) == {"members": 7}
    assert take_or_build(two, make_context()) == {"taken": True, "members": 0, "installed": 0, "reused": 0}
    assert files(one) == files(two)


@pytest.mark.parametrize("change", [{"rule": {"rule": 2}}, {"plan": None}], ids=["rule", "plan"])
def test_what_is_made_from_something_else_is_built(request_of, change):
    take_or_build(request_of("one"), make_context())

    assert take_or_build(request_of("two", **change), make_context()) == {"members": 7}


def test_what_was_no_good_is_among_the_notes(request_of, tmp_path):
    take_or_build(request_of("one"), make_context())
    (wheel,) = (tmp_path / "store" / "wheels").glob("*/*.whl")
    wheel.write_bytes(b"whale")

    assert take_or_build(request_of("two"), make_context()) == {
        "members": 7,
        "notes": [
            f"{wheel} is not what its receipt says: its digest is another one; it was not used, and is made again"
        ],
    }
    assert wheel.read_bytes() == b"wheel"


def test_a_plan_that_is_not_there_is_told(request_of, tmp_path):
    with pytest.raises(UserError) as error:
        take_or_build(request_of("one", plan=tmp_path / "none.json"), make_context())

    assert str(error.value) == f"{tmp_path}/none.json: cannot be read: No such file or directory"


def test_a_request_goes_to_another_process(request_of):
    assert pickle.loads(pickle.dumps(request_of("one"))) == request_of("one")
