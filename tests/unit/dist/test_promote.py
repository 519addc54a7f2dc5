from __future__ import annotations

import pytest

from tests.unit.dist.sets import make_set
from tools.dist.gather import SUMS, DistRequest, gather
from tools.dist.promote import PromoteRequest, promote, replace_version, restamp
from tools.errors import UserError
from tools.plan.model import Member, WheelPlan
from tools.workers.context import make_context


def text(path: str, argument: str) -> Member:
    return Member(path=path, kind="text", mode=0o644, argument=argument)


COPY = Member(path="_core/a-10.1.0rc1.bin", kind="copy", mode=0o644, source="a", size=1, sha256="0", crc32=0)
PLAN = WheelPlan(
    package="core",
    family="generic",
    distribution="rocm-sdk-core",
    version="10.1.0rc1",
    filename="rocm_sdk_core-10.1.0rc1-py3-none-any.whl",
    dist_info="rocm_sdk_core-10.1.0rc1.dist-info",
    members=(
        COPY,
        text("_core/core.package.json", '{"version":"10.1.0rc1"}'),
        text("core/__init__.py", "# since 10.1.0rc1"),
        text("rocm_sdk_core-10.1.0rc1.dist-info/METADATA", "Version: 10.1.0rc1\nRequires-Dist: x==10.1.0rc1\n"),
    ),
)


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ("10.1.0rc1", "10.1.0", "x==10.1.0rc1; y", "x==10.1.0; y"),
        ("10.1.0rc1", "10.1.0", "a-10.1.0rc1-py3.whl, a@10.1.0rc1", "a-10.1.0-py3.whl, a@10.1.0"),
        ("10.1.0rc1", "10.1.0", "ROCm 10.1.0rc1.", "ROCm 10.1.0."),
        ("10.1.0rc1", "10.1.0", "10.1.0rc12 10.1.0rc1.post1 110.1.0rc1", "10.1.0rc12 10.1.0rc1.post1 110.1.0rc1"),
        ("10.1.0", "10.1.0.post1", "10.1.0 10.1.0rc1 10.1.0+x 1!10.1.0", "10.1.0.post1 10.1.0rc1 10.1.0+x 1!10.1.0"),
        ("10.1.0+bkc.1", "10.1.0", "==10.1.0+bkc.1 pkg@10.1.0%2Bbkc.1", "==10.1.0 pkg@10.1.0"),
        ("10.1.0.dev0", "10.1.0a1", "10x1y0zdev0 10.1.0.dev0", "10x1y0zdev0 10.1.0a1"),
    ],
)
def test_a_version_is_replaced_as_a_whole_only(before, after, old, new):
    assert replace_version(old, before, after) == new


def test_generated_texts_get_the_version_and_nothing_else_does():
    assert restamp(PLAN, "10.1.0rc1", "10.1.0") == WheelPlan(
        package="core",
        family="generic",
        distribution="rocm-sdk-core",
        version="10.1.0",
        filename="rocm_sdk_core-10.1.0-py3-none-any.whl",
        dist_info="rocm_sdk_core-10.1.0.dist-info",
        members=(
            COPY,
            text("_core/core.package.json", '{"version":"10.1.0"}'),
            text("core/__init__.py", "# since 10.1.0rc1"),
            text("rocm_sdk_core-10.1.0.dist-info/METADATA", "Version: 10.1.0\nRequires-Dist: x==10.1.0\n"),
        ),
    )


def test_an_sdist_gets_the_version_in_its_name_and_its_facts():
    plan = WheelPlan(
        package="meta",
        family="generic",
        distribution="rocm",
        version="10.1.0rc1",
        filename="rocm-10.1.0rc1.tar.gz",
        dist_info="",
        members=(
            text("PKG-INFO", "Version: 10.1.0rc1\n"),
            text("rocm_sdk/_build_facts.py", "FACTS = {'version': '10.1.0rc1'}\n"),
        ),
    )

    new = restamp(plan, "10.1.0rc1", "10.1.0")

    assert (new.filename, new.dist_info) == ("rocm-10.1.0.tar.gz", "")
    assert [member.argument for member in new.members] == ["Version: 10.1.0\n", "FACTS = {'version': '10.1.0'}\n"]


def request(tmp_path, **changes) -> PromoteRequest:
    fields = {"built": (), "plans": (), "before": "10.1.0rc1", "after": "10.1.0", "level": 5}
    return PromoteRequest(dist_dir=tmp_path / "dist", directory=tmp_path / "promoted", **{**fields, **changes})


def test_a_directory_that_is_no_dist_is_refused(tmp_path):
    with pytest.raises(UserError) as caught:
        promote(request(tmp_path), make_context())

    assert str(caught.value) == f"{tmp_path / 'dist'}: has no SHA256SUMS; run doit dist"


def test_a_file_that_no_receipt_describes_is_refused(tmp_path):
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / SUMS).write_text(f"{'0' * 64}  rocm-10.1.0rc1.tar.gz\n")

    with pytest.raises(UserError) as caught:
        promote(request(tmp_path), make_context())

    assert str(caught.value) == (
        f"{tmp_path / 'dist'}: no receipt describes rocm-10.1.0rc1.tar.gz; they cannot be promoted"
    )


def test_a_dist_that_is_promoted_already_gives_what_it_holds(tmp_path):
    receipts = make_set(tmp_path / "build")
    gather(DistRequest(receipts=receipts, dist_dir=tmp_path / "dist"))

    assert sorted(promote(request(tmp_path, built=receipts, plans=receipts), make_context())) == sorted(receipts)
    assert not (tmp_path / "promoted").exists()
