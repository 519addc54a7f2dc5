"""What is stored is given back as it was; what is damaged, cut off or something else is told, never used, replaced."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path

import pytest

from tools.receipt import Receipt
from tools.source.fetching import Fetching
from tools.store.keys import digest_of
from tools.store.objects import open_objects
from tools.store.store import open_store
from tools.values import read_json, write_json

KEY = digest_of(b"a plan")
OTHER = digest_of(b"another plan")
NAME = "rocm_sdk_core-1.0-py3-none-any.whl"
WHEEL = bytes(range(256)) * 5000
AGAIN = "; it was not used, and is made again"


@pytest.fixture(params=["folder", "memory"])
def url(request, tmp_path) -> str:
    return str(tmp_path / "store") if request.param == "folder" else f"memory://{uuid.uuid4()}"


@pytest.fixture
def objects(url):
    return open_objects(url)


@pytest.fixture
def store(url):
    return open_store(url, Fetching())


@pytest.fixture
def built(tmp_path) -> Path:
    """Return the receipt of a wheel."""
    file = tmp_path / "built" / NAME
    file.parent.mkdir()
    file.write_bytes(WHEEL)
    receipt = Receipt(
        package="core",
        family="generic",
        distribution="rocm-sdk-core",
        version="1.0",
        filename=NAME,
        size=len(WHEEL),
        sha256=hashlib.sha256(WHEEL).hexdigest(),
        requires_python=">=3.10",
        metadata="Name: rocm-sdk-core\n",
        metadata_sha256="",
    )
    write_json(file.with_name("receipt.json"), receipt)
    return file.with_name("receipt.json")


def test_what_was_put_is_got(store):
    store.put("files", KEY, b"content\n")

    assert store.get("files", KEY) == b"content\n"
    assert store.get("plans", KEY) is None
    assert store.has("files", KEY)
    assert not store.has("files", OTHER)
    assert store.damaged == []


def test_the_first_who_puts_something_wins(store):
    store.put("files", KEY, b"first")
    store.put("files", KEY, b"second")

    assert store.get("files", KEY) == b"first"


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        pytest.param(lambda stored: stored[:-1], "is not what was stored: its digest is another one", id="cut off"),
        pytest.param(
            lambda stored: stored[:-3] + b"x" + stored[-2:],
            "is not what was stored: its digest is another one",
            id="changed",
        ),
        pytest.param(lambda stored: b"", "is nothing that was stored there", id="empty"),
        pytest.param(lambda stored: b"\xff\xfe\n{}", "is nothing that was stored there", id="foreign"),
        pytest.param(
            lambda stored: stored.replace(KEY.encode(), OTHER.encode()), f"was stored as files/{OTHER}", id="moved"
        ),
        pytest.param(
            lambda stored: stored.replace(b"files", b"receipts"), f"was stored as receipts/{KEY}", id="of a kind"
        ),
    ],
)
def test_what_is_no_good_is_told_and_replaced(store, objects, url, damage, problem):
    name = f"files/{KEY}.json"
    store.put("files", KEY, b"content\n")
    objects.write(name, damage(objects.read(name)))

    assert store.get("files", KEY) is None
    assert store.damaged == [f"{objects.url}/{name} {problem}{AGAIN}"]

    another = open_store(url, Fetching())  # whoever makes it again may not have looked before
    another.put("files", KEY, b"content\n")
    assert store.get("files", KEY) == b"content\n"


def test_a_wheel_is_taken_with_its_receipt(store, built, tmp_path):
    here = tmp_path / "here"
    store.give(KEY, built)

    assert store.take(KEY, NAME, here / "receipt.json") == read_json(built, Receipt)
    assert contents(here) == contents(built.parent)
    assert store.take(OTHER, NAME, here / "receipt.json") is None
    assert store.damaged == []


def test_an_older_wheel_leaves(store, built, tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "rocm_sdk_core-0.9-py3-none-any.whl").write_bytes(b"older")
    store.give(KEY, built)

    store.take(KEY, NAME, tmp_path / "here" / "receipt.json")

    assert contents(tmp_path / "here") == contents(built.parent)


def test_a_wheel_that_is_here_is_not_fetched(url, store, built):
    store.give(KEY, built)
    fetching = Counting()

    assert open_store(url, fetching).take(KEY, NAME, built)

    assert 0 < fetching.bytes < len(WHEEL)


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


class Counting(Fetching):
    """Counts the bytes that came from the store."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    def taken(self, count: int) -> None:
        self.bytes += count


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(WHEEL[:-1], "has 1,279,999 bytes, where its receipt says 1,280,000", id="cut off"),
        pytest.param(WHEEL[::-1], "is not what its receipt says: its digest is another one", id="changed"),
        pytest.param(b"", "has 0 bytes, where its receipt says 1,280,000", id="empty"),
        pytest.param(None, "is missing, though its receipt is there", id="missing"),
    ],
)
def test_a_wheel_that_is_no_good_is_told_and_replaced(store, objects, built, content, problem):
    name, receipt = f"wheels/{KEY}/{NAME}", built.parents[1] / "here" / "receipt.json"
    store.give(KEY, built)
    if content is None:
        objects.remove(name)
    else:
        objects.write(name, content)

    assert store.take(KEY, NAME, receipt) is None
    assert store.damaged == [f"{objects.url}/{name} {problem}{AGAIN}"]
    assert not receipt.parent.exists() or contents(receipt.parent) == {}, "nothing of it is left"

    store.give(KEY, built)
    assert store.take(KEY, NAME, receipt) == read_json(built, Receipt)


def test_a_receipt_of_another_file_is_no_good(store, objects, built, tmp_path):
    store.give(KEY, built)

    assert store.take(KEY, "other-1.0-py3-none-any.whl", tmp_path / "receipt.json") is None
    assert store.damaged == [
        f"{objects.url}/wheels/{KEY}/other-1.0-py3-none-any.whl is missing: its receipt is of {NAME}{AGAIN}"
    ]


@pytest.mark.parametrize("kind", ["catalogs", "plans", "receipts"])
def test_what_has_another_shape_is_no_good(store, objects, kind):
    store.put(kind, KEY, b"{}\n")

    assert store.get(kind, KEY) is None
    assert store.damaged == [f"{objects.url}/{kind}/{KEY}.json is none of {kind}{AGAIN}"]


def test_a_receipt_of_another_shape_is_replaced(store, built):
    store.put("receipts", KEY, b"{}\n")

    store.give(KEY, built)

    assert store.get("receipts", KEY) == built.read_bytes()


def test_a_wheel_that_is_no_good_is_replaced_by_whoever_gives_the_right_one(store, objects, built):
    name = f"wheels/{KEY}/{NAME}"
    objects.write(name, WHEEL[::-1])

    store.give(KEY, built)

    assert objects.read(name) == WHEEL
