"""Which members make a wheel be built again."""

from __future__ import annotations

from tests.support.contracts import plan_of, receipt_of, text, written
from tools.explain.rebuild import changed_members
from tools.values import write_json


def test_a_new_version_changes_what_is_there_and_nothing_is_new_or_gone(tmp_path):
    plan, receipt = tmp_path / "plan.json", tmp_path / "receipt.json"
    write_json(plan, plan_of(text("rocm_sdk_core-2.0.dist-info/METADATA", "Version: 2.0"), version="2.0"))
    members = [written(f"rocm_sdk_core-1.0.dist-info/{name}") for name in ("METADATA", "RECORD")]
    write_json(receipt, receipt_of(*members))

    changed = changed_members(plan, receipt, 6)

    assert changed is not None
    assert changed.kinds() == [("changed", ("rocm_sdk_core-VERSION.dist-info/METADATA",))]
