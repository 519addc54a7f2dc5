"""Wheels of ``rocm`` whose requirements are decided when they are made, for those who install no sdist.

An installer builds the sdist's wheel on the machine that it is for. Policies such as pip's ``--only-binary :all:`` rule
that out, and so do lock files without sdists. ``whl/`` has one wheel for all machines: its extras have the code of
every GPU target, or of the default family. Variants (PEP 817) have a wheel a target, of which installers choose one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.build_facts import MODULE, read_facts
from tools.dist.listing import VARIANT, VARIANTS_SUFFIX
from tools.errors import UserError
from tools.files import write_bytes
from tools.plan.model import Member, WheelPlan
from tools.receipt import Receipt
from tools.values import encode_json, read_json, write_json
from tools.wheel.build import WheelRequest, build_wheel
from tools.workers.context import Context

PKG_INFO = "PKG-INFO"  # a member of the sdist
TAG = "py3-none-any"
RENDERED = ("dynamic", "provides-extra", "requires-dist")  # header fields that are written anew
ENTRY_POINTS = (  # as the sdist's backend says
    "[console_scripts]\nrocm-sdk = rocm_sdk.__main__:main\n\n"
    "[pyinstaller40]\nhook-dirs = rocm_sdk._pyinstaller:get_hook_dirs\n"
)
WHEEL = f"Wheel-Version: 1.0\nGenerator: rocm\nRoot-Is-Purelib: false\nTag: {TAG}\n"  # as the sdist's backend says
SPLIT = "kpack-split"
DEVICE, LIBRARIES = "device", "libraries"
SCHEMA = "https://variants-schema.wheelnext.dev/peps/825/v0.1.1.json"  # a draft's


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """What variants differ in: a feature that a provider tells of the machine (PEP 825, 850)."""

    namespace: str
    feature: str
    plugin: str  # the provider's entry point
    requires: str  # its distribution
    values: Mapping[str, str] = field(default_factory=dict)  # target -> value, where that is another word


GFX_ARCH = Axis(
    namespace="amd",
    feature="gfx_arch",
    plugin="rocm_bootstrap.variant_provider:AMDVariantPlugin",
    requires="rocm-bootstrap",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRequest:
    """The sdist's plan, and the wheel that is made of it."""

    plan: Path  # of the sdist
    directory: Path  # of the wheel, its plan and its receipt
    package: str  # of the receipt
    target: str = ""  # a variant for this GFX target; empty: the wheel for all machines
    axis: Axis = GFX_ARCH

    @property
    def receipt(self) -> Path:
        """Where the receipt lies."""
        return self.directory / "receipt.json"


def build_entry(request: EntryRequest, context: Context) -> None:
    """Write the wheel and its receipt.

    :raises UserError: when the sdist's facts leave open what to require.
    """
    sdist = read_json(request.plan, WheelPlan)
    plan = entry_plan(sdist, request.package, request.target, request.axis)
    file = request.directory / "plan.json"
    write_json(file, plan)
    build_wheel(
        WheelRequest(
            plan=file,
            artifacts=None,  # all members are texts
            directory=request.directory,
            receipt=request.receipt,
            level=9,
        ),
        context,
    )


def entry_families(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the families whose code the wheel for all machines brings, () when nobody decided that."""
    if facts["layout"] == SPLIT:
        return tuple(facts["families"])
    if facts["default_family"] is not None:
        return (facts["default_family"],)
    return tuple(facts["families"]) if len(facts["families"]) == 1 else ()


def promoted_names(plan: Path, *, variants: bool) -> tuple[str, ...]:
    """Return the wheels that can be made of a plan, "" for the one for all machines, else targets; () for no sdist."""
    sdist = read_json(plan, WheelPlan)
    if sdist.dist_info:
        return ()
    facts: dict[str, Any] = read_facts(_text_of(sdist, MODULE))
    targets = facts["families"] if variants and facts["layout"] == SPLIT else ()
    return (*(("",) if entry_families(facts) else ()), *targets)


def entry_plan(sdist: WheelPlan, package: str, target: str = "", axis: Axis = GFX_ARCH) -> WheelPlan:
    """Return the plan of the wheel: the sdist's modules, and metadata with static requirements."""
    facts: dict[str, Any] = read_facts(_text_of(sdist, MODULE))
    families = (target,) if target else entry_families(facts)
    if not families:
        raise UserError(f"{sdist.filename}: has several families and no default; name one by default_family=...")
    dist_info = f"{sdist.distribution}-{sdist.version}.dist-info"
    package_info = _text_of(sdist, PKG_INFO)
    members = [member for member in sdist.members if member.path.startswith("rocm_sdk/")]
    texts = {
        "METADATA": metadata(package_info, facts["requires"], offered(facts, families)),
        "WHEEL": WHEEL,
        "entry_points.txt": ENTRY_POINTS,
    }
    if target:
        texts["variant.json"] = encode_json(variant_facts([target], axis)).decode()
    for licence in re.findall(r"^License-File: *(.+)$", package_info.partition("\n\n")[0], re.MULTILINE):
        texts[f"licenses/{licence}"] = _text_of(sdist, licence)  # PEP 639
    members += [_member(f"{dist_info}/{path}", text) for path, text in texts.items()]
    label = f"-{target}" if target else ""
    return WheelPlan(
        package=package,
        family=target or sdist.family,
        distribution=sdist.distribution,
        version=sdist.version,
        filename=f"{sdist.distribution}-{sdist.version}-{TAG}{label}.whl",
        dist_info=dist_info,
        members=tuple(sorted(members, key=lambda member: member.path)),
    )


def offered(facts: Mapping[str, Any], families: Sequence[str]) -> dict[str, list[str]]:
    """Return each extra with its requirements; of those that the GPU decides, for these families.

    Where device code has wheels of its own, ``libraries`` brings it: without, it would do nothing on any GPU.
    """
    extras = {extra: list(pins) for extra, pins in facts["extras"].items()}
    for extra, by_family in facts["chosen_extras"].items():
        if pins := [pin for family in families for pin in by_family.get(family, ())]:
            extras[extra] = list(dict.fromkeys(pins))
    if facts["layout"] == SPLIT and {DEVICE, LIBRARIES} <= extras.keys():
        extras[LIBRARIES] = [*extras[LIBRARIES], *extras[DEVICE]]
    return extras


def metadata(package_info: str, requires: Iterable[str], extras: Mapping[str, Iterable[str]]) -> str:
    """Return METADATA: PKG-INFO with these requirements and extras in place of what it leaves open."""
    headers, separator, body = package_info.partition("\n\n")
    fields = re.split(r"\n(?![ \t])", headers.rstrip("\n"))  # a continuation line starts with white space
    kept = [field for field in fields if field.partition(":")[0].strip().lower() not in RENDERED]
    rendered = [f"Requires-Dist: {requirement}" for requirement in requires]
    for extra, requirements in sorted(extras.items()):
        rendered.append(f"Provides-Extra: {extra}")
        rendered += [f"Requires-Dist: {_with_extra(requirement, extra)}" for requirement in requirements]
    return "\n".join([*kept, *rendered]) + "\n" + ("\n" + body if separator else "")


def variant_facts(targets: Iterable[str], axis: Axis) -> dict[str, object]:
    """Return what ``variant.json`` and the index's list of variants say of these targets."""
    variants = {target: {axis.namespace: {axis.feature: [axis.values.get(target, target)]}} for target in targets}
    return {
        "$schema": SCHEMA,
        "default-priorities": {"namespace": [axis.namespace]},
        "providers": {axis.namespace: {"plugin-api": axis.plugin, "requires": [axis.requires]}},
        "variants": variants,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantsRequest:
    """The list of variants that an index has beside them."""

    plan: Path  # of the sdist
    directory: Path
    targets: tuple[str, ...]
    axis: Axis = GFX_ARCH

    @property
    def receipt(self) -> Path:
        """Where the receipt lies."""
        return self.directory / "receipt.json"


def write_variants(request: VariantsRequest, context: object = None) -> None:
    """Write ``rocm-VERSION-variants.json`` and a receipt of it."""
    sdist = read_json(request.plan, WheelPlan)
    content = encode_json(variant_facts(request.targets, request.axis))
    filename = f"{sdist.distribution}-{sdist.version}{VARIANTS_SUFFIX}"
    write_bytes(request.directory / filename, content)
    receipt = Receipt(
        package=VARIANT,
        family=sdist.family,
        distribution=sdist.distribution,
        version=sdist.version,
        filename=filename,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        requires_python="",
        metadata="",
        metadata_sha256="",
    )
    write_json(request.receipt, receipt)


def _with_extra(requirement: str, extra: str) -> str:
    requirement, _, marker = (part.strip() for part in requirement.partition(";"))
    condition = f'extra == "{extra}"'
    return f"{requirement} ; ({marker}) and {condition}" if marker else f"{requirement} ; {condition}"


def _text_of(plan: WheelPlan, path: str) -> str:
    return next(member.argument for member in plan.members if member.path == path)


def _member(path: str, text: str) -> Member:
    return Member(path=path, kind="text", mode=0o644, argument=text)
