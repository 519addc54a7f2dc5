"""The members of a wheel that come from artifacts, and the generated ones that stand in for links."""

from __future__ import annotations

from posixpath import dirname, join, relpath

from tools.elf.model import ElfFacts
from tools.plan.model import Member
from tools.plan.scope import Scope
from tools.plan.selection import ClaimedEntry


def source_member(scope: Scope, package: str, path: str, source: ClaimedEntry) -> Member:
    """Return the source as a member of ``package`` under ``path``, its RPATH set where it needs another."""
    entry = source.entry
    rpath = _wanted_rpath(scope, package, path, entry.elf) if entry.elf else None
    return Member(
        path=f"{scope.platform_packages[package]}/{path}",
        kind="copy" if rpath is None else "rpath",
        mode=scope.platform.mode(path, entry),
        source=source.location,
        size=entry.size,
        sha256=entry.sha256,
        crc32=entry.crc32,
        argument=rpath or "",
    )


def stub_member(scope: Scope, package: str, path: str, program: tuple[str, str]) -> Member:
    """Return a program that starts another: ``program`` is a package and a path below its platform package."""
    target = join(scope.platform_packages[program[0]], program[1])
    way = relpath(target, _directory(scope, package, path))
    return Member(path=join(scope.platform_packages[package], path), kind="stub", mode=0o755, argument=way)


def forwarder_member(scope: Scope, package: str, path: str, needed: str) -> Member:
    """Return a library that loads ``needed``, which lies beside it."""
    return Member(path=join(scope.platform_packages[package], path), kind="forwarder", mode=0o644, argument=needed)


def _directory(scope: Scope, package: str, path: str) -> str:
    return join(scope.platform_packages[package], dirname(path)).rstrip("/")


def _wanted_rpath(scope: Scope, package: str, path: str, facts: ElfFacts) -> str | None:
    """Return the RPATH that an ELF file must get, or None where it stays as it is."""
    places = () if package == scope.devel else scope.rpaths(package)
    return scope.platform.search_path(facts, _directory(scope, package, path), places)
