"""Verification of a whole dist, without installing anything."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tools.errors import UserError
from tools.naming import SDIST, WHEEL
from tools.platform.tags import LINUX, WINDOWS, systems_of
from tools.verify.beside import check_beside, check_entries, is_beside, listed_entry, read_entries, read_variants
from tools.verify.closed import check_elf_files, highest_glibc
from tools.verify.companions import Company, companies
from tools.verify.consumers import CHECK, check_consumers, found_by
from tools.verify.dlls import check_windows
from tools.verify.finding import Finding, error, warning
from tools.verify.identity import Wheel, identify
from tools.verify.index import PAGES, SIDE, Listed, check_index, check_sums
from tools.verify.installed import Installed, check_tree
from tools.verify.leftovers import check_leftovers
from tools.verify.others import others_among, tolerated, without_directories, without_manners
from tools.verify.policy import Policy, read_policy
from tools.verify.prefixes import check_prefixes
from tools.verify.record import check_record
from tools.verify.regular import regular
from tools.verify.requirements import Requirements
from tools.verify.review import review
from tools.verify.sbom import check_sbom
from tools.verify.scripts import check_scripts
from tools.verify.sdist import Sdist, read_sdist
from tools.verify.source import check_built, check_source, read_elf_sources, read_plans
from tools.verify.wheel import Read, read_wheel
from tools.windows.lists import read_lists

# What pip installs beside wheels and .tar.gz (its utils/filetypes.py): with --find-links, rocm-99.zip beats our rocm.
_ARCHIVES = (".zip", ".tar", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tar.lz", ".tar.lzma", ".tlz")
_NOT_BESIDE = (
    "is of a project that this dist has, so nobody installs it beside that one: its libraries were not looked for"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyRequest:
    """A finished dist and what it is checked against."""

    dist_dir: Path
    specs_dir: Path  # packaging_specs
    build_dir: Path | None = None  # whose plans and catalogs say what the wheels were made from
    more_libraries: tuple[Path, ...] = ()  # further lists of system libraries
    consumers: tuple[Path, ...] = ()  # wheels that are not in the dist, to see whether they find what they need there
    jobs: int = 0  # threads; 0: one a core


class VerifiedWheel(msgspec.Struct, frozen=True, kw_only=True):
    """A wheel that was looked at."""

    filename: str
    size: int  # bytes
    files: int
    elf_files: int
    glibc: str  # the highest version that its files need, "" for none
    needed: int = 0  # NEEDED entries of a wheel of others, those of system libraries left out
    found: int = 0  # of these, what its own paths lead to


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What verification found, in order."""

    wheels: tuple[VerifiedWheel, ...]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        """How many findings keep the dist from being published."""
        return sum(finding.severity == "error" for finding in self.findings)


def verify_dist(request: VerifyRequest, context: object = None) -> Report:
    """Return what is wrong with the dist. Each wheel is read once, in memory.

    :raises UserError: when there is no dist, or a spec or a plan cannot be read.
    """
    policy = read_policy(request.specs_dir, request.more_libraries)
    names, findings = _names(request.dist_dir)
    jobs = request.jobs or len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(jobs, thread_name_prefix="verify") as pool:
        reads = _read_wheels([request.dist_dir / name for name in names if name.endswith(".whl")], pool)
        entries, problems = read_entries(request.dist_dir, pool)
        visitors, problems_of_visitors = _read_visitors(request.consumers, pool)
    sdists = [sdist for name in names if (sdist := read_sdist(request.dist_dir / name)) is not None]
    findings += problems
    findings += [finding for read in reads for finding in read.findings]
    findings += [finding for sdist in sdists for finding in sdist.findings]
    wheels = _identified(reads, findings)
    carried = {name for sdist in sdists for name in sdist.distributions()}
    others = others_among(wheels, carried)
    names_of_others = {wheel.name for wheel in others}
    wheels = [without_directories(wheel) if wheel.name in names_of_others else wheel for wheel in wheels]
    for wheel in wheels:
        findings += check_record(wheel.contents, wheel.identity.dist_info)
    digests = {read.contents.filename: read.contents.sha256 for read in reads} | {s.filename: s.sha256 for s in sdists}
    findings += check_sums(request.dist_dir, digests)
    if request.build_dir:
        findings += check_built(request.build_dir, digests)
    found: dict[str, tuple[int, int]] = {}
    if len(wheels) == len(reads):  # else every other wheel would lack something
        together, found = _check_set(wheels, sdists, policy, request, visitors)
        findings += together
        listed = [*map(_listed_wheel, wheels), *map(_listed_sdist, sdists), *map(listed_entry, entries)]
        variants, odd = read_variants(request.dist_dir)
        listed += variants
        findings += odd
        findings += check_entries(entries, wheels, sdists, _systems(wheels))
        findings += check_index(request.dist_dir, listed)
        findings += check_beside(request.dist_dir, listed)
    findings = [*tolerated(findings, others), *problems_of_visitors]
    looked_at = [_verified(wheel, found.get(wheel.name, (0, 0))) for wheel in (*wheels, *visitors)]
    return Report(wheels=tuple(looked_at), findings=tuple(sorted(set(findings))))


def _names(dist: Path) -> tuple[list[str], list[Finding]]:
    """Return the wheels and sdists, and what has no place beside them."""
    try:
        everything = sorted(dist.iterdir())
    except OSError as problem:
        raise UserError(f"{dist}: cannot be read: {problem.strerror}; run doit dist") from None
    ours = [path for path in everything if path.name.endswith((WHEEL, SDIST))]
    if not ours:
        raise UserError(f"{dist}: has no wheel; run doit dist")
    findings = []
    for path in everything:
        if path.name.endswith(_ARCHIVES):
            findings.append(error(path.name, "sums", "is an archive that pip takes for an sdist, and none of ours"))
        elif path not in ours and path.name not in PAGES and not (path.name.endswith(SIDE) or is_beside(path.name)):
            findings.append(warning(path.name, "sums", "is none of ours: no build put it there"))
    files, odd = regular(ours)
    return [path.name for path in files], findings + odd


def _read_visitors(paths: Iterable[Path], pool: Executor) -> tuple[list[Wheel], list[Finding]]:
    """Return the wheels that are only looked at, and what is wrong with each by itself, be it whose it may."""
    files, findings = regular(paths)
    reads = _read_wheels(files, pool)
    visitors = [without_directories(wheel) for wheel in _identified(reads, findings)]
    findings += [finding for read in reads for finding in read.findings]
    for wheel in visitors:
        findings += check_record(wheel.contents, wheel.identity.dist_info)
    return visitors, without_manners(findings, visitors)


def _read_wheels(paths: Sequence[Path], pool: Executor) -> list[Read]:
    waiting = [read_wheel(path, pool) for path in sorted(paths, key=lambda path: -path.stat().st_size)]
    return sorted((wait() for wait in waiting), key=lambda read: read.contents.filename)


def _identified(reads: Iterable[Read], findings: list[Finding]) -> list[Wheel]:
    """Return the wheels that say who they are; the others are in the findings."""
    wheels = []
    for read in reads:
        if not read.contents.files and read.findings:
            continue  # not a zip file at all, which the findings say
        identity, problems = identify(read.contents)
        findings += problems
        if identity is not None:
            wheels.append(Wheel(read.contents, identity))
    return wheels


def _check_set(
    wheels: Sequence[Wheel],
    sdists: Sequence[Sdist],
    policy: Policy,
    request: VerifyRequest,
    visitors: Sequence[Wheel],
) -> tuple[list[Finding], dict[str, tuple[int, int]]]:
    """Return what is wrong with the wheels together, and what those of others find (see consumers.found_by)."""
    ours = {wheel.identity.project for wheel in wheels if wheel.identity.facts}
    ours |= {name for sdist in sdists for name in sdist.distributions()}
    findings = list(_check_ours(wheels, sdists, ours))
    strangers = [wheel for wheel in visitors if wheel.identity.project not in ours]
    findings += [warning(wheel.name, CHECK, _NOT_BESIDE) for wheel in visitors if wheel.identity.project in ours]
    found: dict[str, tuple[int, int]] = {}
    build_dir = request.build_dir
    plans = read_plans(build_dir) if build_dir else {}
    elf_files = read_elf_sources(build_dir, plans.values()) if build_dir else {}
    for system in _systems(wheels):
        here = [wheel for wheel in wheels if system in systems_of(wheel.identity.platforms)]
        findings += Requirements(here, sdists, ours, system).check()
        for version in sorted({wheel.identity.version for wheel in here if wheel.identity.project in ours}):
            own = [wheel for wheel in here if wheel.identity.project in ours and wheel.identity.version == version]
            theirs = [wheel for wheel in here if wheel.identity.project not in ours]
            first = next(iter(companies(theirs)), Company((), ()))
            installed = Installed([*own, *first.wheels])
            findings += (*_check_installed(installed), *_check_own(installed, own, policy))
            for wheel in own:
                if wheel.name in plans:
                    findings += check_source(wheel, plans[wheel.name], elf_files, installed)
            if system == WINDOWS:
                findings += check_windows(installed, read_lists(request.specs_dir / "windows"), policy.devel)
            for company in companies(theirs if system == WINDOWS else [*theirs, *strangers]):
                beside = Installed([*own, *company.wheels])  # one at a time: each knows every file of ours
                findings += tolerated(_check_beside(beside, company.looked_at), company.wheels)
                if system != WINDOWS:
                    findings += check_consumers(beside, company, sdists, policy.system)
                    found |= {
                        one.name: found_by(beside, one, company.wheels, policy.system) for one in company.looked_at
                    }
    return findings, found


def _systems(wheels: Iterable[Wheel]) -> list[str]:
    """Return the systems that some wheel is for; Linux where all are for any."""
    tags = {tag for wheel in wheels for tag in wheel.identity.platforms} - {"any"}
    return sorted(systems_of(tags)) or [LINUX]


def _check_installed(installed: Installed) -> Iterator[Finding]:
    """Yield what is wrong with wheels that are installed together, be they whose they may."""
    yield from (*_check_beside(installed, installed.wheels.values()), *check_prefixes(installed))


def _check_beside(installed: Installed, wheels: Iterable[Wheel]) -> Iterator[Finding]:
    """Yield files that get in each other's way, and what is wrong with some of the wheels that are installed."""
    yield from (*installed.findings, *installed.check_links(), *check_tree(installed.wheels, installed.files))
    for wheel in wheels:
        yield from (*check_scripts(installed, wheel), *check_sbom(wheel))


def _check_own(installed: Installed, own: Iterable[Wheel], policy: Policy) -> Iterator[Finding]:
    """Yield what is wrong with wheels of ours as installed."""
    for wheel in own:
        yield from check_elf_files(installed, wheel, policy)
        yield from check_leftovers(wheel)
        yield from review(wheel, policy.families, policy.budgets)


def _check_ours(wheels: Iterable[Wheel], sdists: Iterable[Sdist], ours: set[str]) -> Iterator[Finding]:
    """Yield wheels of ours without the facts that the runtime reads, and a dist that offers no extras."""
    for wheel in wheels:
        if wheel.identity.project in ours and wheel.identity.facts is None:
            yield error(wheel.name, "facts", "has no package.json that can be read")
    if ours and not any(sdist.facts for sdist in sdists):
        yield error("*.tar.gz", "facts", "there is no sdist with the extras that people install")


def _listed_wheel(wheel: Wheel) -> Listed:
    metadata = wheel.contents.texts.get(f"{wheel.identity.dist_info}/METADATA", b"")
    identity = wheel.identity
    return Listed(
        filename=wheel.name,
        project=identity.project,
        version=identity.version,
        size=wheel.contents.size,
        sha256=wheel.contents.sha256,
        requires_python=identity.requires_python,
        metadata=metadata,
    )


def _listed_sdist(sdist: Sdist) -> Listed:
    return Listed(
        filename=sdist.filename,
        project=sdist.project,
        version=sdist.version,
        size=sdist.size,
        sha256=sdist.sha256,
        requires_python=sdist.requires_python,
        metadata=None,
    )


def _verified(wheel: Wheel, found: tuple[int, int]) -> VerifiedWheel:
    return VerifiedWheel(
        filename=wheel.name,
        size=wheel.contents.size,
        files=len(wheel.contents.files),
        elf_files=sum(content.elf is not None for content in wheel.contents.files.values()),
        glibc=highest_glibc(wheel),
        needed=found[1],
        found=found[0],
    )
