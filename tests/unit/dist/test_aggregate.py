"""The page over several published indexes: what it is made from, where it leads, and when there can be none."""

from __future__ import annotations

import threading
import uuid
from pathlib import Path

import pytest

from tests.support.wheel_sets import make_set
from tools.dist.aggregate import Aggregate, AggregateRequest, aggregate, href_of
from tools.dist.choices import Gpu
from tools.dist.gather import DistRequest, gather
from tools.dist.publish import PublishRequest, publish
from tools.dist.serve import ServeRequest, make_server
from tools.errors import UserError

GPUS = (Gpu(target="gfx942", product="MI300X", families=("gfx94X-dcgpu",)),)


def published(directory: Path, name: str, version: str, *, url: str = "", public_url: str = "") -> str:
    """Publish a set as an index of its own and return the address."""
    build, place = directory / "build" / name / version, url or str(directory / "site" / name)
    receipts = make_set(build, version=version, families=("gfx94X-dcgpu",))
    dist = build / "dist"
    gather(DistRequest(receipts=receipts, dist_dir=dist))
    publish(
        PublishRequest(receipts=receipts, dist_dir=dist, url=place, now="2026-09-01T04:05:06Z", public_url=public_url)
    )
    return place


def request(directory: Path, *indexes: tuple[str, str], url: str = "") -> AggregateRequest:
    return AggregateRequest(indexes=indexes, url=url or str(directory / "site"), gpus=GPUS)


def test_a_page_tells_what_it_was_made_from_and_is_written_when_that_changes(tmp_path):
    stable = published(tmp_path, "stable", "10.1.0")
    nightly = published(tmp_path, "nightly", "10.2.0a1")
    asked = request(tmp_path, ("stable", stable), ("nightly", f"file://{nightly}/"))

    first, page = aggregate(asked), (tmp_path / "site/index.html").read_bytes()
    again, same = aggregate(asked), (tmp_path / "site/index.html").read_bytes()
    published(tmp_path, "nightly", "10.2.0a2")
    changed = aggregate(asked)

    assert first == Aggregate(listed={"stable": 5, "nightly": 5}, changed=True)
    assert again == Aggregate(listed={"stable": 5, "nightly": 5}, changed=False)
    assert changed == Aggregate(listed={"stable": 5, "nightly": 10}, changed=True)
    assert page == same
    assert b"10.2.0a2" in (tmp_path / "site/index.html").read_bytes()


def test_an_index_is_read_from_a_web_server(tmp_path):
    published(tmp_path, "stable", "10.1.0")
    with make_server(ServeRequest(dist_dir=tmp_path / "site/stable", port=0)) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        done = aggregate(request(tmp_path, ("stable", address)))
        server.shutdown()

    assert done.listed == {"stable": 5}
    assert f'<a href="{address}index.html">stable</a>' in (tmp_path / "site/index.html").read_text()


def test_every_index_that_is_not_there_is_named_and_no_page_written(tmp_path):
    stable = published(tmp_path, "stable", "10.1.0")
    hidden = published(tmp_path, "b", "10.1.0", url=f"memory://{uuid.uuid4()}")
    asked = request(tmp_path, ("a", f"{tmp_path}/a"), ("stable", stable), ("b", hidden))

    with pytest.raises(UserError) as caught:
        aggregate(asked)

    assert str(caught.value) == (
        f"indexes: {tmp_path}/a: has no published index; `doit publish url=...` makes one; {hidden}: who reads the "
        f"page at {tmp_path}/site cannot read an index there; name it by its https address, publish it with "
        "public_url=, or let url= be a folder that it lies in"
    )
    assert not (tmp_path / "site/index.html").exists()


def test_an_index_elsewhere_is_linked_by_the_address_it_was_published_with(tmp_path):
    place = published(
        tmp_path, "b", "10.1.0", url=f"memory://{uuid.uuid4()}", public_url="https://rocm.example/nightly/"
    )

    aggregate(request(tmp_path, ("nightly", place)))

    page = (tmp_path / "site/index.html").read_text()
    assert '<a href="https://rocm.example/nightly/index.html">nightly</a>' in page


def test_the_page_of_an_index_is_never_replaced(tmp_path):
    stable = published(tmp_path, "stable", "10.1.0")
    before = Path(stable, "index.html").read_bytes()

    with pytest.raises(UserError) as caught:
        aggregate(request(tmp_path, ("stable", stable), url=stable))

    assert str(caught.value) == (
        f"url: {stable}: is an index, whose own page this one would replace; give the page a folder of its own, such "
        "as the one that holds the indexes"
    )
    assert Path(stable, "index.html").read_bytes() == before


@pytest.mark.parametrize(
    ("address", "url", "public_url", "href"),
    [
        ("/srv/rocm/stable", "/srv/rocm", "", "stable/index.html"),
        ("file:///srv/rocm/a b/", "/srv/rocm/", "", "a%20b/index.html"),
        ("s3://bucket/rocm/stable", "s3://bucket/rocm", "", "stable/index.html"),
        ("https://rocm.example/stable/", "s3://bucket", "https://rocm.example", "stable/index.html"),
        ("https://rocm.example/stable", "s3://bucket", "", "https://rocm.example/stable/index.html"),
        (
            "https://rocm.example/stable",
            "s3://bucket",
            "https://rocm.example/st",
            "https://rocm.example/stable/index.html",
        ),
        ("/srv/a b", "/srv/rocm", "", "file:///srv/a%20b/index.html"),
    ],
)
def test_an_index_below_the_page_is_named_relative_to_it(address, url, public_url, href):
    asked = AggregateRequest(indexes=(("x", address),), url=url, public_url=public_url)

    assert href_of(address, asked) == href


@pytest.mark.parametrize("address", ["s3://other/rocm", "/srv/rocm"])
def test_an_index_that_readers_cannot_reach_is_refused(address):
    asked = AggregateRequest(indexes=(("x", address),), url="s3://bucket/rocm", public_url="https://rocm.example")

    with pytest.raises(UserError, match="who reads the page at s3://bucket/rocm cannot read an index there"):
        href_of(address, asked)
