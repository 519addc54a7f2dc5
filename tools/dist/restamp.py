"""A plan of one version as that of another: in the fields that hold a version or a pin, and nowhere else.

A version is also a number like any other ("1.0" in ``Wheel-Version: 1.0``), so no text is searched for it. Headers are
read as headers, JSON as JSON; what has no field for a version, a licence or a module, stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from tools.build_facts import MODULE, facts_text, read_facts
from tools.naming import SDIST, project_name
from tools.plan.description import render_description
from tools.plan.model import Member, WheelPlan
from tools.plan.provenance import package_url
from tools.values import encode_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """One version for another, and what a trimmed release leaves out."""

    before: str  # versions as PEP 440 normalises them
    after: str
    ours: frozenset[str]  # normalised names of the distributions that are pinned to each other
    dropped: frozenset[str] = frozenset()  # of these, the ones that the release does not have
    families: frozenset[str] = frozenset()  # whose wheels are dropped
    description: str = field(default="", repr=False)  # template of the sdist's long description, which lists extras

    def pin(self, requirement: str) -> str:
        """Return a requirement with the new version where it pins one of ours to the old one."""
        wanted, separator, marker = requirement.partition(";")
        name, pinned, version = wanted.partition("==")
        if pinned and version.strip() == self.before and _project(name) in self.ours:
            wanted = f"{name}=={self.after}" + wanted[len(wanted.rstrip()) :]
        return wanted + separator + marker

    def keeps(self, requirement: str) -> bool:
        """Say whether the release still has what a requirement names."""
        return _project(requirement.partition(";")[0].partition("==")[0]) not in self.dropped


def restamp(plan: WheelPlan, stamp: Stamp) -> WheelPlan:
    """Return the plan of the same wheel or sdist in the new version."""
    dist_info = ""
    if plan.dist_info:
        dist_info = f"{plan.dist_info.removesuffix(f'-{stamp.before}.dist-info')}-{stamp.after}.dist-info"
    members = [_restamp_member(member, plan, dist_info, stamp) for member in plan.members]
    return msgspec.structs.replace(
        plan,
        version=stamp.after,
        filename=filename_of(plan.filename, stamp.after),
        dist_info=dist_info,
        members=tuple(sorted(members, key=lambda member: member.path)),
    )


def filename_of(filename: str, version: str) -> str:
    """Return the name of a wheel or an sdist with another version (PEP 427, PEP 625)."""
    stem = filename.removesuffix(SDIST)
    name, _, *tags = stem.split("-")  # names are in normal form: the second part is the version
    return "-".join([name, version, *tags]) + filename.removeprefix(stem)


def restamp_headers(text: str, stamp: Stamp) -> str:
    """Return METADATA or PKG-INFO with the version and the pins of the new one; the body stays as it is."""
    headers, separator, body = text.partition("\n\n")
    return "\n".join(_header(line, stamp) for line in headers.split("\n")) + separator + body


def _header(line: str, stamp: Stamp) -> str:
    name, colon, value = line.partition(": ")
    if name == "Version" and value == stamp.before:
        return f"{name}{colon}{stamp.after}"
    return f"{name}{colon}{stamp.pin(value)}" if name == "Requires-Dist" else line


def _restamp_member(member: Member, plan: WheelPlan, dist_info: str, stamp: Stamp) -> Member:
    below = member.path.removeprefix(f"{plan.dist_info}/") if plan.dist_info else ""
    in_info = bool(plan.dist_info) and below != member.path
    path = f"{dist_info}/{below}" if in_info else member.path
    if member.kind != "text":
        return msgspec.structs.replace(member, path=path)
    change = _change(below if in_info else member.path, in_info=in_info, sdist=not plan.dist_info)
    if member.path == "PKG-INFO" and not plan.dist_info:
        return msgspec.structs.replace(member, argument=_package_info(member.argument, plan, stamp))
    text = change(member.argument, stamp) if change else member.argument
    return msgspec.structs.replace(member, path=path, argument=text)


def _change(path: str, *, in_info: bool, sdist: bool) -> Callable[[str, Stamp], str] | None:
    """Return what changes the fields of a generated text; None: it has none that depend on the version."""
    if in_info and path == "METADATA":
        return restamp_headers
    if in_info and path.startswith("sboms/") and path.endswith(".cdx.json"):
        return _bill_of_materials
    if not in_info and not sdist and path.endswith(".package.json"):
        return _package_facts
    return _facts if sdist and path == MODULE else None


def _bill_of_materials(text: str, stamp: Stamp) -> str:
    """Change the component that the document is about; those that it names have versions of their own."""
    document = msgspec.json.decode(text)
    wheel = document["metadata"]["component"]
    if wheel.get("version") == stamp.before:
        wheel["version"] = stamp.after
        wheel["purl"] = package_url(wheel["name"], stamp.after)
    return encode_json(document).decode()


def _package_facts(text: str, stamp: Stamp) -> str:
    facts = msgspec.json.decode(text)
    return encode_json({**facts, "version": stamp.after}).decode()


def _facts(text: str, stamp: Stamp) -> str:
    return facts_text(trimmed_facts(read_facts(text), stamp))


def trimmed_facts(facts: Mapping[str, Any], stamp: Stamp) -> dict[str, Any]:
    """Return the sdist's facts in the new version, without the families and extras that are dropped."""
    chosen = {
        name: {family: _pins(pins, stamp) for family, pins in rows.items() if family not in stamp.families}
        for name, rows in facts["chosen_extras"].items()
    }
    gone = {
        project_name(f"{name}-{family}")
        for name, rows in facts["chosen_extras"].items()
        for family in rows
        if family in stamp.families
    }
    static = {name: _pins(pins, stamp) for name, pins in facts["extras"].items() if name not in gone}
    return {
        **facts,
        "version": stamp.after,
        "families": [family for family in facts["families"] if family not in stamp.families],
        "requires": _pins(facts["requires"], stamp),
        "extras": {name: pins for name, pins in static.items() if pins or not facts["extras"][name]},
        "chosen_extras": chosen,
    }


def _pins(requirements: list[str], stamp: Stamp) -> list[str]:
    return [stamp.pin(requirement) for requirement in requirements if stamp.keeps(requirement)]


def _package_info(text: str, plan: WheelPlan, stamp: Stamp) -> str:
    """Change PKG-INFO; the extras that its description lists are written anew where some are dropped."""
    headers, separator, body = restamp_headers(text, stamp).partition("\n\n")
    facts = next((one.argument for one in plan.members if one.path == MODULE), None)
    if stamp.dropped and facts is not None:
        kept = trimmed_facts(read_facts(facts), stamp)
        body = render_description(
            stamp.description,
            summary=kept["summary"],
            extras=sorted(kept["extras"]),
            chosen=sorted(kept["chosen_extras"]),
        )
    return headers + separator + body


def _project(name: str) -> str:
    return project_name(name.partition("[")[0].strip())
