"""The wheels against what they were made from: the plans and catalogs of a build directory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from posixpath import basename, dirname, join, normpath

import msgspec

from tools.catalog.model import Catalog
from tools.elf.model import ElfFacts
from tools.errors import UserError
from tools.plan.model import Member, WheelPlan
from tools.plan.requests import SIDE_FILES
from tools.values import read_json
from tools.verify.finding import Finding, error
from tools.verify.identity import Wheel
from tools.verify.installed import Installed
from tools.verify.wheel import Content


def read_plans(build_dir: Path) -> dict[str, WheelPlan]:
    """Return file name -> plan of every wheel that ``build_dir`` has planned.

    :raises UserError: when a plan is damaged.
    """
    paths = [path for path in sorted(build_dir.glob("plan/*/*.json")) if path.name not in SIDE_FILES]
    return {plan.filename: plan for plan in (read_json(path, WheelPlan) for path in paths)}


class _Built(msgspec.Struct, frozen=True):
    """The part of a receipt that says which file was built."""

    filename: str
    sha256: str


def check_built(build_dir: Path, digests: Mapping[str, str]) -> Iterator[Finding]:
    """Yield files of the dist (name -> sha256) that differ from what ``build_dir`` built under their name."""
    for path in sorted(build_dir.glob("wheel/*/*/receipt.json")):
        try:
            built = read_json(path, _Built)
        except UserError:
            continue  # the file is built again; the plans say everything else
        if digests.get(built.filename, built.sha256) != built.sha256:
            problem = "has another sha256 than its receipt; remove both and build again"
            yield error(built.filename, "source", problem, path.relative_to(build_dir).as_posix())


def read_elf_sources(build_dir: Path, plans: Iterable[WheelPlan]) -> dict[str, ElfFacts]:
    """Return source (as in plans) -> facts of every ELF file that the plans take."""
    sources = {member.source for plan in plans for member in plan.members if member.kind == "rpath"}
    found = {}
    for artifact in sorted({source.partition("/")[0] for source in sources}):
        try:
            catalog = read_json(build_dir / "catalog" / f"{artifact}.json", Catalog)
        except UserError:
            continue  # the plans outlive a catalog that was removed; they still say everything else
        for entry in catalog.entries:
            if entry.elf is not None:
                found[f"{artifact}/{catalog.base_dirs[entry.base]}/{entry.path}"] = entry.elf
    return found


def check_source(
    wheel: Wheel, plan: WheelPlan, elf_files: Mapping[str, ElfFacts], installed: Installed
) -> Iterator[Finding]:
    """Yield what the wheel lacks, has beyond its plan, or has in another form than planned."""
    members = {member.path: member for member in plan.members}
    files = wheel.contents.files
    for path in sorted(members.keys() - files.keys()):
        yield error(wheel.name, "source", "is planned and not in the wheel", path)
    for path in sorted(files.keys() - members.keys() - {f"{plan.dist_info}/RECORD"}):
        yield error(wheel.name, "source", "is in the wheel and not planned", path)
    for path in sorted(members.keys() & files.keys()):
        for problem in _compare(members[path], files[path], elf_files):
            yield error(wheel.name, "source", problem, path)
        if members[path].kind == "stub":
            yield from _check_stub(wheel, members[path], installed)


def _compare(member: Member, content: Content, elf_files: Mapping[str, ElfFacts]) -> Iterator[str]:
    if content.mode & 0o7777 != member.mode:
        yield "has another mode than planned"
    if member.kind in ("copy", "text"):
        wanted = member.sha256 if member.kind == "copy" else hashlib.sha256(member.argument.encode()).hexdigest()
        if content.sha256 and content.sha256 != wanted:
            yield "is not the file that was planned: another sha256"
    elif content.elf is None:
        yield "is planned as an ELF file and is none"
    elif member.kind == "rpath":
        yield from _compare_elf(member, content.elf, elf_files.get(member.source))
    elif member.kind == "forwarder" and (content.elf.soname, content.elf.needed) != (
        basename(member.path),
        (member.argument,),
    ):
        yield "is no forwarder to the library that was planned"


def _compare_elf(member: Member, elf: ElfFacts, source: ElfFacts | None) -> Iterator[str]:
    if (elf.rpath or "") != member.argument:
        yield "has another RPATH than planned"
    if source is not None:
        if elf.needed != source.needed:
            yield "has other NEEDED entries than its source"
        if elf.soname != source.soname:
            yield "has another SONAME than its source"


def _check_stub(wheel: Wheel, member: Member, installed: Installed) -> Iterator[Finding]:
    target = normpath(join(dirname(member.path), member.argument))
    if installed.find(target, installed.visible(wheel.identity.project)) is None:
        yield error(wheel.name, "source", "starts a program that is not there", f"{member.path} ({target})")
