"""RPATHs that lead somewhere: each library that a file needs is in a wheel that it requires, or the system's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from posixpath import dirname, join, normpath

from tools.elf.model import ElfFacts
from tools.platform.model import Platform
from tools.platform.tags import platforms_of, problem_of
from tools.verify.finding import Finding, error, warning
from tools.verify.identity import Facts, Wheel
from tools.verify.installed import Installed
from tools.verify.policy import Policy

_ORIGIN = re.compile(r"\$(?:ORIGIN|\{ORIGIN\})(?=/|$)")  # ld.so(8)
_GLIBC = re.compile(r"manylinux_(\d+)_(\d+)_")  # PEP 600
_LIBRARY = re.compile(r"\.so(?:\.\d+)*$")
_LEGACY = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}  # PEP 600


def check_elf_files(installed: Installed, wheel: Wheel, policy: Policy) -> Iterator[Finding]:
    """Yield what keeps the loader from finding what the wheel's ELF files need, on the machine they are for."""
    platforms = platforms_of(wheel.identity.platforms)
    yield from _check_tags(wheel)
    limits = [limit for tag in wheel.identity.platforms if (limit := _glibc_of(tag))]
    for path, content in sorted(wheel.contents.files.items()):
        elf = content.elf
        if not content.size and _LIBRARY.search(path):
            yield error(wheel.name, "elf", "is empty and named like a shared library", path)
        if elf is not None and _is_loaded(elf, platforms):
            yield from _check_paths(wheel.name, path, elf)
            yield from _check_needed(installed, wheel, path, elf, policy)
            if elf.glibc and limits and _numbers(elf.glibc) > min(limits):
                yield error(
                    wheel.name, "glibc", f"needs glibc {elf.glibc}, which {wheel.identity.platforms[0]} rules out", path
                )
        elif elf is not None and platforms and all(platform.is_foreign(elf) for platform in platforms):
            others = f"than {', '.join(wheel.identity.platforms)}, which cannot load it"
            yield warning(wheel.name, "machine", f"is for another machine (e_machine {elf.machine}) {others}", path)


def highest_glibc(wheel: Wheel) -> str:
    """Return the highest glibc version that the wheel's files need, "" when none."""
    platforms = platforms_of(wheel.identity.platforms)
    facts = [content.elf for content in wheel.contents.files.values() if content.elf is not None]
    found = [elf.glibc for elf in facts if elf.glibc and _is_loaded(elf, platforms)]
    return max(found, key=_numbers, default="")


def _check_tags(wheel: Wheel) -> Iterator[Finding]:
    for tag in wheel.identity.platforms:
        if tag != "any" and (problem := problem_of(tag)):  # any: a wheel without programs and libraries
            yield error(wheel.name, "machine", f"its ELF files were not checked: the tag {tag} {problem}")


def _is_loaded(elf: ElfFacts, platforms: Sequence[Platform]) -> bool:
    return any(platform.is_loaded(elf) for platform in platforms)


def _check_paths(wheel: str, path: str, elf: ElfFacts) -> Iterator[Finding]:
    if elf.runpath is not None:
        yield error(wheel, "rpath", "has a RUNPATH, which LD_LIBRARY_PATH overrides; it must be an RPATH", path)
    for entry in (elf.rpath or "").split(":") if elf.rpath is not None else ():
        if not _ORIGIN.match(entry):
            yield error(wheel, "rpath", "has an RPATH that does not begin with $ORIGIN", f"{path} ({entry!r})")
        elif f"{_directory(path, entry)}/".startswith("../"):
            yield error(wheel, "rpath", "has an RPATH that leads out of site-packages", f"{path} ({entry!r})")


def _check_needed(installed: Installed, wheel: Wheel, path: str, elf: ElfFacts, policy: Policy) -> Iterator[Finding]:
    visible = installed.visible(wheel.identity.project)
    entries = [entry for entry in (elf.rpath or "").split(":") if _ORIGIN.match(entry)]
    for name in elf.needed:
        if name in policy.system:
            continue
        if "/" in name:
            yield error(wheel.name, "closed", "needs a library by a path instead of a name", f"{path} ({name})")
            continue
        places = [installed.find(join(_directory(path, entry), name), visible) for entry in entries]
        if not any(p and p.content.elf and _fits(p.content.elf, elf) for p in places):
            yield error(wheel.name, "closed", _why_not_found(installed, wheel, name, elf, policy), f"{path} ({name})")


def _why_not_found(installed: Installed, wheel: Wheel, name: str, user: ElfFacts, policy: Policy) -> str:
    """Say where the library lies that no RPATH leads to, if a wheel has it, and what makes its user find it."""
    found = [(at, place) for at, place in installed.named(name) if place.content.elf and _fits(place.content.elf, user)]
    visible = installed.visible(wheel.identity.project)
    found.sort(key=lambda row: row[1].project not in visible)  # one that is there anyway comes first
    if not found:
        return "needs a library that no wheel has for its machine and that is no known system library"
    at, place = found[0]
    own, other = wheel.identity.facts, installed.wheels[place.project].identity.facts
    there = f"needs a library that no RPATH of its leads to: it lies in {dirname(at)}"
    if own is None or other is None:  # not made from specs
        return there
    return f"{there}; {_remedy(own, other, at, place.project in visible, policy)}"


def _remedy(own: Facts, other: Facts, at: str, is_required: bool, policy: Policy) -> str:
    if own.package in policy.devel:
        return f"{own.package} has no rpaths, so claim the file in a package that has"
    directory = dirname(at).removeprefix(f"{other.platform_package}/")
    rpaths = f'add "{other.package}:{directory}" to rpaths'
    requires = "" if is_required else f' and "{other.package}" to requires'
    return f"{rpaths}{requires} of packages/{own.package}.toml"


def _fits(library: ElfFacts, user: ElfFacts) -> bool:
    return (library.machine, library.bits, library.dynamic) == (user.machine, user.bits, True)


def _directory(path: str, entry: str) -> str:
    return normpath(join(dirname(path), "." + _ORIGIN.sub("", entry, count=1)))


def _glibc_of(tag: str) -> tuple[int, ...] | None:
    if match := _GLIBC.match(tag):
        return int(match[1]), int(match[2])
    return _LEGACY.get(tag.partition("_")[0])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
