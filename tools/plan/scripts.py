"""Console scripts of a wheel: those whose program it holds; and programs that nobody decided about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from posixpath import basename, dirname, join
from typing import NamedTuple

from tools.plan.model import Member
from tools.plan.patterns import matches
from tools.plan.spec import PackageSpec, Script
from tools.platform.model import Platform


class Exposed(NamedTuple):
    """The scripts a wheel declares, and problems."""

    scripts: dict[str, Script]
    missing: list[str]  # scripts of the spec whose program no artifact has
    undecided: list[str]  # programs directly in bin/ that are neither scripts nor listed as not exposed


def exposed_scripts(spec: PackageSpec, members: Sequence[Member], platform_package: str, platform: Platform) -> Exposed:
    """Return which console scripts of ``spec`` the members allow."""
    programs = {
        member.path.removeprefix(f"{platform_package}/")
        for member in members
        if member.mode & 0o111 and member.path.startswith(f"{platform_package}/")
    }
    names = {name: replace(script, path=platform.script_program(script.path)) for name, script in spec.scripts}
    scripts = {name: script for name, script in names.items() if script.path in programs}
    in_bin = {path: platform.script_name(basename(path)) for path in programs if dirname(path) == "bin"}
    undecided = [
        path for path, name in in_bin.items() if name not in names and not matches(join("bin", name), spec.not_exposed)
    ]
    return Exposed(scripts, sorted(names.keys() - scripts.keys()), sorted(undecided))
