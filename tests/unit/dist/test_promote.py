from __future__ import annotations

import pytest

from tests.support.wheel_sets import make_set
from tools.dist.gather import SUMS, DistRequest, gather
from tools.dist.promote import PromoteRequest, promote
from tools.errors import UserError
from tools.workers.context import make_context


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

    assert sorted(promote(request(tmp_path, built=receipts, plans=receipts), make_context()).receipts) == sorted(
        receipts
    )
    assert not (tmp_path / "promoted").exists()
