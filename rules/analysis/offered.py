"""For which families and platforms one sdist is, when wheels of several platforms stand in one index."""

from __future__ import annotations

from collections.abc import Sequence

from rules.analysis.families import by_target, members_of
from rules.loading.spec_table import suggestion
from tools.errors import UserError
from tools.plan.spec import Specs
from tools.platform.tags import LINUX, WINDOWS, system_of


def offered_families(
    specs: Specs, built: Sequence[str], *, platform_tag: str, linux: Sequence[str], windows: Sequence[str]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return each family that the sdist has extras for, with the platforms that have its wheels; sorted.

    Nothing when neither list is given: then it is for what is ``built`` here. Builds of both platforms that are given
    both lists make the same sdist. Where wheels are per target, a family stands for its targets.

    :raises UserError: when a list names a family that is in no table.
    """
    if not (linux or windows):
        return ()
    here = system_of(platform_tag)
    lists = {
        LINUX: _expanded(specs, "linux_amdgpu_families", linux),
        WINDOWS: _expanded(specs, "windows_amdgpu_families", windows),
    }
    lists[here] |= set(built)
    return tuple(
        (family, tuple(platform for platform, families in lists.items() if family in families))
        for family in sorted(lists[LINUX] | lists[WINDOWS])
    )


def _expanded(specs: Specs, setting: str, families: Sequence[str]) -> set[str]:
    known = {name for target in specs.targets for name in (target.name, *target.families)}
    if strange := [family for family in families if family not in known]:
        hint = suggestion(strange[0], known) or "; its targets must stand in targets.toml"
        raise UserError(f"{setting}: {strange[0]!r} is no family or GFX target{hint}")
    if not by_target(specs):
        return set(families)
    return {target for family in families for target in members_of(family, specs)}
