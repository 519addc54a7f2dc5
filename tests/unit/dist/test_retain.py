from __future__ import annotations

import uuid

import pytest

from tests.support.channels import CHANNELS
from tests.support.published_index import check
from tests.support.wheel_sets import WheelText, make_core_and_sdist, make_wheel
from tools.dist.gather import DistRequest, gather
from tools.dist.listing import ALSO
from tools.dist.publish import PublishRequest, publish
from tools.dist.retain import RetainRequest, empty_look, retain
from tools.errors import UserError
from tools.store.objects import open_objects

OLD, NOW = "2026-01-01T00:00:00Z", "2026-09-01T00:00:00Z"
CORE = "rocm_sdk_core-{}-py3-none-any.whl"


@pytest.fixture
def url():
    return f"memory://{uuid.uuid4()}"


def put(tmp_path, url, version, when, *also) -> None:
    build = tmp_path / version
    receipts = (*make_core_and_sdist(build, version), *also)
    gather(DistRequest(receipts=receipts, dist_dir=build / "dist"))
    publish(PublishRequest(receipts=receipts, dist_dir=build / "dist", url=url, now=when))


def request(url, agree="") -> RetainRequest:
    return RetainRequest(look=empty_look(url, NOW), channels=CHANNELS, agree=agree)


def ignore(_: str) -> None:
    pass


def test_the_first_run_only_tells(tmp_path, url):
    put(tmp_path, url, "10.1.0.dev0", OLD)
    put(tmp_path, url, "10.1.0", OLD)

    told = retain(request(url), waiting=ignore)

    assert told.versions == {"10.1.0.dev0": "dev"}
    assert told.files == ("rocm-10.1.0.dev0.tar.gz", CORE.format("10.1.0.dev0"))
    assert len(check(open_objects(url))) == 4


def test_what_stays_is_counted_and_which_goes_next(tmp_path, url):
    put(tmp_path, url, "10.1.0.dev0", OLD)
    put(tmp_path, url, "10.1.0.dev1", NOW)
    put(tmp_path, url, "10.1.0", OLD)

    told = retain(request(url), waiting=ignore)

    assert (told.staying, told.next, told.next_time) == (2, "10.1.0.dev1", "2026-10-01")


def test_what_is_agreed_to_goes_from_pages_and_store(tmp_path, url):
    put(tmp_path, url, "10.1.0.dev0", OLD)
    put(tmp_path, url, "10.1.0", OLD)

    retain(request(url, retain(request(url), waiting=ignore).digest), waiting=ignore)

    store = open_objects(url)
    assert sorted(check(store)) == ["rocm-10.1.0.tar.gz", CORE.format("10.1.0")]
    assert store.read("rocm-10.1.0.dev0.tar.gz") is None
    assert store.read(CORE.format("10.1.0.dev0") + ".metadata") is None
    assert retain(request(url), waiting=ignore).files == ()


def test_another_list_than_the_one_agreed_to_changes_nothing(tmp_path, url):
    put(tmp_path, url, "10.1.0.dev0", OLD)
    agreed = retain(request(url), waiting=ignore).digest
    put(tmp_path, url, "10.1.0.dev1", OLD)

    with pytest.raises(UserError) as caught:
        retain(request(url, agreed), waiting=ignore)

    assert str(caught.value) == (
        f"agree: {agreed} is the digest of another list; run again without it and look at what would go"
    )
    assert len(check(open_objects(url))) == 4


@pytest.mark.parametrize("marker", ["", "; platform_system == 'Linux'", "; extra == 'rocm'"])
def test_what_a_wheel_of_others_needs_stays(tmp_path, url, marker):
    requires = (f"rocm==10.1.0.dev0{marker}", "rocm-sdk-core>=10")
    theirs = WheelText(distribution="torch", package=ALSO, version="2.9.0", requires=requires)
    put(tmp_path, url, "10.1.0.dev0", OLD, make_wheel(tmp_path / "theirs", theirs))
    put(tmp_path, url, "10.1.0.dev1", OLD)
    put(tmp_path, url, "10.1.0", OLD)

    told = retain(request(url), waiting=ignore)

    assert told.versions == {"10.1.0.dev1": "dev"}
    assert told.kept == ("10.1.0.dev0",)
