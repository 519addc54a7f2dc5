"""The members of a wheel that come from artifacts, and the generated ones that stand in for links."""

from __future__ import annotations

from posixpath import dirname, join, relpath

from tools.catalog.model import Entry
from tools.elf.search import rpath_for
from tools.plan.model import Member
from tools.plan.overlay import Source
from tools.plan.scope import Scope


def source_member(scope: Scope, package: str, path: str, source: Source) -> Member:
    """Return the source as a member of ``package`` under ``path``, its RPATH set where it needs another."""
    entry = source.entry
    rpath = _wanted_rpath(scope, package, path, entry) if entry.elf else None
    return Member(
        path=f"{scope.platforms[package]}/{path}",
        kind="copy" if rpath is None else "rpath",
        mode=0o755 if entry.mode & 0o111 else 0o644,
        source=source.location,
        size=entry.size,
        sha256=entry.sha256,
        crc32=entry.crc32,
        argument=rpath or "",
    )


def stub_member(scope: Scope, package: str, path: str, program: tuple[str, str]) -> Member:
    """Return a program that starts another: ``program`` is a package and a path below its platform package."""
    target = join(scope.platforms[program[0]], program[1])
    way = relpath(target, _directory(scope, package, path))
    return Member(path=join(scope.platforms[package], path), kind="stub", mode=0o755, argument=way)


def forwarder_member(scope: Scope, package: str, path: str, needed: str) -> Member:
    """Return a library that loads ``needed``, which lies beside it."""
    return Member(path=join(scope.platforms[package], path), kind="forwarder", mode=0o644, argument=needed)


def _directory(scope: Scope, package: str, path: str) -> str:
    return join(scope.platforms[package], dirname(path)).rstrip("/")


def _wanted_rpath(scope: Scope, package: str, path: str, entry: Entry) -> str | None:
    """Return the RPATH that an ELF file must get, or None where it stays as it is."""
    elf = entry.elf
    if elf is None or elf.machine != scope.machine or elf.bits != 64 or not elf.dynamic or elf.type not in {2, 3}:
        return None
    if elf.type == 3 and elf.pie and not elf.interpreter:
        return None  # static-pie: nothing is searched
    dependencies = () if package == scope.devel else scope.rpaths(package)
    wanted = rpath_for(elf, _directory(scope, package, path), dependencies)
    return None if elf.runpath is None and wanted == (elf.rpath or "") else wanted
