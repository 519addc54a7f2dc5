"""What a wheel in the store was made of that is not what a plan says."""

from __future__ import annotations

from tools.plan.model import Member, WheelPlan
from tools.receipt import Receipt, WrittenMember
from tools.store.shards import other_artifacts
from tools.wheel.payload import payload_of


def member(path: str, artifact: str, content: str, **changes: object) -> Member:
    return Member(path=path, kind="copy", mode=0o644, source=f"{artifact}/stage/{path}", sha256=content * 64, **changes)


def plan_of(*members: Member) -> WheelPlan:
    return WheelPlan(
        package="core",
        family="generic",
        distribution="rocm-sdk-core",
        version="1.0",
        filename="rocm_sdk_core-1.0-py3-none-any.whl",
        dist_info="rocm_sdk_core-1.0.dist-info",
        members=members,
    )


def receipt_of(plan: WheelPlan) -> Receipt:
    """Return what the wheel of a plan is."""
    rows = [
        WrittenMember(
            path=one.path,
            recipe=payload_of(one, "-0123456789abcdef").recipe,
            sha256="",
            crc32=0,
            size=0,
            compressed_size=0,
            offset=0,
            method=0,
            digest="",
            mode=one.mode,
        )
        for one in plan.members
    ]
    names = {name: getattr(plan, name) for name in ("package", "family", "distribution", "version", "filename")}
    return Receipt(**names, size=0, sha256="", requires_python="", metadata="", metadata_sha256="", members=tuple(rows))


TEXT = Member(path="METADATA", kind="text", mode=0o644, argument="Name: rocm")
PLAN = plan_of(member("a", "blas_lib", "a"), member("b", "rand_lib", "b"), TEXT)


def test_a_wheel_of_the_same_artifacts_differs_in_none():
    assert other_artifacts(PLAN, receipt_of(PLAN)) == ()


def test_artifacts_with_other_contents_are_named():
    other = plan_of(member("a", "blas_lib", "c"), member("b", "rand_lib", "b"), TEXT)

    assert other_artifacts(other, receipt_of(PLAN)) == ("blas_lib",)


def test_artifacts_with_further_files_are_named():
    other = plan_of(*PLAN.members, member("c", "fft_lib", "d"))

    assert other_artifacts(other, receipt_of(PLAN)) == ("fft_lib",)


def test_a_text_is_of_no_artifact():
    other = plan_of(*PLAN.members[:2], Member(path="METADATA", kind="text", mode=0o644, argument="Name: other"))

    assert other_artifacts(other, receipt_of(PLAN)) == ()
