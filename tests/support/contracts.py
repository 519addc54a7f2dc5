"""Plans, receipts and their members: a test says what matters to it, the rest is filled in."""

from __future__ import annotations

from typing import Any

from tools.plan.model import Member, WheelPlan
from tools.receipt import Receipt, WrittenMember


def text(path: str, content: str, mode: int = 0o644) -> Member:
    """Return a member whose bytes stand in the plan."""
    return Member(path=path, kind="text", mode=mode, argument=content)


def plan_of(
    *members: Member,
    package: str = "core",
    family: str = "generic",
    distribution: str = "rocm-sdk-core",
    version: str = "1.0",
    tag: str = "py3-none-linux_x86_64",
    **fields: Any,
) -> WheelPlan:
    """Return the plan of a wheel; its names follow from distribution, version and tag where ``fields`` has none."""
    name = f"{distribution.lower().replace('-', '_')}-{version}"
    names: dict[str, Any] = {"filename": f"{name}-{tag}.whl", "dist_info": f"{name}.dist-info", **fields}
    return WheelPlan(
        package=package, family=family, distribution=distribution, version=version, members=members, **names
    )


def receipt_of(*members: WrittenMember, **fields: Any) -> Receipt:
    """Return the receipt of rocm-sdk-core 1.0, with other fields where they are given."""
    defaults: dict[str, Any] = {
        "package": "core",
        "family": "generic",
        "distribution": "rocm-sdk-core",
        "version": "1.0",
        "filename": "rocm_sdk_core-1.0-py3-none-linux_x86_64.whl",
        "size": 1000,
        "sha256": "ab12" * 16,
        "requires_python": ">=3.10",
        "metadata": "",
        "metadata_sha256": "",
    }
    return Receipt(members=members, **{**defaults, **fields})


def written(path: str = "p", size: int = 3, **fields: Any) -> WrittenMember:
    """Return a member that was stored, with other fields where they are given."""
    defaults: dict[str, Any] = {
        "recipe": "",
        "sha256": "",
        "crc32": 0,
        "compressed_size": size,
        "offset": 0,
        "method": 0,
        "digest": "",
        "mode": 0o644,
    }
    return WrittenMember(path=path, size=size, **{**defaults, **fields})
