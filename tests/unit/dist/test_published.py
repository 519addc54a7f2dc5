from __future__ import annotations

import msgspec
import pytest

from tests.support.listed_files import file
from tools.dist.listing import ListedFile
from tools.dist.published import Published, is_nightly, plan_changes, without
from tools.errors import UserError


def built(version: str, digest: str = "a", **changes: object) -> ListedFile:
    return msgspec.structs.replace(file("rocm", "meta", version=version), sha256=digest, **changes)


def published(*files: ListedFile, **more) -> Published:
    return Published(**{"files": files, "stored": {one.filename: one.sha256 for one in files}, **more})


def names(files) -> list[str]:
    return [one.filename for one in files]


def test_what_is_there_stays_listed():
    changes = plan_changes(published(built("1.0")), [built("2.0")])

    assert changes.upload == ("rocm-2.0.whl",)
    assert names(changes.result.files) == ["rocm-2.0.whl", "rocm-1.0.whl"]
    assert changes.result.stored == {"rocm-1.0.whl": "a", "rocm-2.0.whl": "a"}


def test_an_equal_file_is_not_uploaded_and_keeps_time_and_yank():
    there = built("1.0", upload_time="2026-01-01T00:00:00Z", yanked="broken")

    changes = plan_changes(published(there), [built("1.0", upload_time="2026-02-02T00:00:00Z")])

    assert changes.upload == ()
    assert changes.result.files == (there,)


def test_other_bytes_under_a_name_are_replaced():
    new = built("1.0", "b", upload_time="2026-02-02T00:00:00Z")

    changes = plan_changes(published(built("1.0")), [new])

    assert (changes.upload, changes.replaced) == (("rocm-1.0.whl",), ("rocm-1.0.whl",))
    assert changes.result.files == (new,)


def test_what_a_killed_publication_uploaded_is_not_uploaded_again():
    changes = plan_changes(Published(stored={"rocm-1.0.whl": "a"}), [built("1.0")])

    assert (changes.upload, names(changes.result.files)) == ((), ["rocm-1.0.whl"])


def test_what_is_about_to_be_removed_is_uploaded_again_and_leaves_the_index_before():
    before = Published(stored={"rocm-1.0.whl": "a"}, doomed=("rocm-1.0.whl", "rocm-0.9.whl"))

    changes = plan_changes(before, [built("1.0")])

    assert (changes.upload, changes.replaced) == (("rocm-1.0.whl",), ("rocm-1.0.whl",))
    assert changes.result.doomed == ("rocm-0.9.whl",)


def test_old_nightlies_leave_and_releases_stay():
    there = [
        built(version) for version in ("1.0", "1.1rc1", "1.1a20260101", "1.1a20260102", "1.1a20260103", "1.1.dev0")
    ]

    changes = plan_changes(published(*there), [built("1.1a20260104")], keep=2)

    assert changes.pruned == ("rocm-1.1.dev0.whl", "rocm-1.1a20260101.whl", "rocm-1.1a20260102.whl")
    assert changes.result.doomed == changes.pruned
    assert names(changes.result.files) == [
        "rocm-1.1rc1.whl",
        "rocm-1.1a20260104.whl",
        "rocm-1.1a20260103.whl",
        "rocm-1.0.whl",
    ]


def test_what_is_published_stays_even_if_it_is_old():
    changes = plan_changes(published(built("1.1a2"), built("1.1a3")), [built("1.1a1")], keep=1)

    assert names(changes.result.files) == ["rocm-1.1a3.whl", "rocm-1.1a1.whl"]


def test_any_listed_file_can_be_yanked_and_brought_back():
    before = published(built("1.0"), built("1.1", yanked="by mistake"))

    changes = plan_changes(before, [], yanked={"rocm-1.0.whl": "broken", "rocm-1.1.whl": False})

    assert [one.yanked for one in changes.result.files] == [False, "broken"]


def test_yanking_an_unknown_file_is_refused():
    with pytest.raises(UserError) as caught:
        plan_changes(published(built("1.0")), [], yanked={"rocm-9.whl": True})

    assert str(caught.value) == "yanked names files that are not in the index: rocm-9.whl"


def test_the_manifest_without_some_files_still_has_them_stored():
    left = without(published(built("1.0"), built("1.1")), ["rocm-1.1.whl"])

    assert names(left.files) == ["rocm-1.0.whl"]
    assert set(left.stored) == {"rocm-1.0.whl", "rocm-1.1.whl"}


@pytest.mark.parametrize(
    ("version", "nightly"),
    [
        ("10.1.0a20260811", True),
        ("10.1.0.dev0", True),
        ("10.1.0a20260811+bkc.2", True),
        ("10.1.0rc1.dev3", True),
        ("10.1.0", False),
        ("10.1.0rc2", False),
        ("10.1.0b1", False),
        ("10.1.0.post1", False),
    ],
)
def test_nightlies_are_known_by_their_version(version, nightly):
    assert is_nightly(version) == nightly
