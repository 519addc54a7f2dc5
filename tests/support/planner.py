"""Catalogs written as a dict of path -> what lies there, and plans of them."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rules.analysis.families import claims, scope_of
from rules.analysis.products import Products, find_products
from rules.loading.artifact_names import ArtifactName
from tests.support.elf_facts import elf
from tests.support.small_specs import WINDOWS_LISTS, small_specs
from tools.catalog.model import Catalog, Entry
from tools.elf.model import ElfFacts
from tools.errors import UserError
from tools.pe.model import PeFacts
from tools.plan.family import FamilyPlan, PlanInputs, PlanRequest, plan_wheels
from tools.plan.spec import GENERIC, Specs
from tools.platform.tags import WINDOWS, system_of

DESCRIPTION = "install rocm{% if extra %}[{{ extra }}]{% endif %}\n"

Make = Callable[[str], Entry]
Tree = Mapping[str, Mapping[str, Make]]


def file(
    content: str = "",
    *,
    mode: int = 0o644,
    script: bool = False,
    elf: ElfFacts | None = None,
    pe: PeFacts | None = None,
) -> Make:
    """Describe a file."""

    def make(path: str) -> Entry:
        data = (content or path).encode()
        return Entry(
            path=path,
            base=0,
            kind="file",
            mode=mode,
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            crc32=zlib.crc32(data),
            script=script,
            elf=elf,
            pe=pe,
        )

    return make


def link(target: str) -> Make:
    """Describe a symbolic link."""
    return lambda path: Entry(path=path, base=0, kind="link", target=target)


def library(soname: str | None, content: str = "", **facts: object) -> Make:
    """Describe a shared library."""
    return file(content, mode=0o755, elf=elf(soname=soname, **facts))


def program(content: str = "") -> Make:
    """Describe an ELF program."""
    return file(content, mode=0o755, elf=elf(interpreter=True, pie=True))


def script(content: str = "") -> Make:
    """Describe a script that users start."""
    return file(content, mode=0o755, script=True)


BASE: Tree = {"base_lib_generic": {".info/version": file("10.1.0\n")}}


class Planner:
    """Plans artifacts that exist as descriptions only."""

    def __init__(
        self,
        layout: str,
        artifacts: Tree,
        *,
        strict: bool = True,
        specs: Specs | None = None,
        tag: str = "linux_x86_64",
        description: str = DESCRIPTION,
    ) -> None:
        self.tag, self.description = tag, description
        self.specs = specs or small_specs(layout, system_of(tag))
        self.strict = strict
        self.catalogs = {name: _catalog(name, entries) for name, entries in artifacts.items()}
        self.names = [ArtifactName.parse(name) for name in artifacts]
        self.products: Products = find_products(self.specs, self.names, version="10.1.0", platform_tag=tag)

    def plan(self, family: str = GENERIC) -> FamilyPlan:
        """Return the plan of a family."""
        generic = None if family == GENERIC else self.plan(GENERIC)
        packaged = [name for name in self.names if any(claims(p, name) for p in self.specs.packages)]
        own = [str(name) for name in packaged if scope_of(name, self.specs) == family]
        wheels = self.products.of(family)
        shared = {a for p in wheels for a in p.artifacts if a.endswith("_generic")} - set(own)
        request = PlanRequest(
            family=family,
            specs=self.specs,
            products=(*(wheels if family != GENERIC else ()), *self.products.of(GENERIC)),
            catalogs=(),
            shared=(),
            generic=None,
            platform_tag=self.tag,
            windows=WINDOWS_LISTS if self.specs.system == WINDOWS else None,
            strict=self.strict,
            unclaimed=self.products.unclaimed if family == GENERIC else (),
            ignored=self.products.ignored if family == GENERIC else (),
            notes=(),
            unused=(),
            runtime=Path(),
            description=Path(),
            directory=Path(),
        )
        plan = plan_wheels(
            request,
            PlanInputs(
                catalogs=tuple(self.catalogs[name] for name in own),
                shared=tuple(self.catalogs[name] for name in sorted(shared)),
                generic=generic.tree.rows if generic else (),
                dlls=generic.dlls.holders if generic and generic.dlls else (),
                runtime={},
                description=self.description,
            ),
        )
        if self.strict:
            plan.refuse(request.directory)
        return plan

    def files(self, package: str, family: str = GENERIC) -> dict[str, str]:
        """Return path -> kind of a wheel's members below its platform package, generated texts left out."""
        for wheel in self.plan(family).wheels:
            if wheel.package == package:
                return {
                    member.path.partition("/")[2]: member.kind
                    for member in wheel.members
                    if member.kind != "text" and ".dist-info" not in member.path
                }
        raise AssertionError(f"no {package} wheel for {family}")

    def member(self, package: str, path: str, family: str = GENERIC):  # type: ignore[no-untyped-def]
        """Return one member by its path below the platform package."""
        for wheel in self.plan(family).wheels:
            for member in wheel.members:
                if wheel.package == package and member.path.partition("/")[2] == path:
                    return member
        raise AssertionError(f"no {path} in {package} for {family}")

    def left_out(self, family: str = GENERIC) -> dict[str, str]:
        """Return path -> reason."""
        return {row.path: row.reason for row in self.plan(family).report.left_out}

    def links(self, family: str) -> dict[str, tuple[str, str, str]]:
        """Return the link table of the family's devel root: path -> (kind, platform package, target)."""
        import msgspec

        for wheel in self.plan(family).wheels:
            for member in wheel.members:
                if member.path.endswith(".links.json"):
                    rows = msgspec.json.decode(member.argument)["links"]
                    return {path: (kind, package, target) for path, kind, package, target in rows}
        raise AssertionError(f"no link table for {family}")

    def error(self, family: str = GENERIC) -> list[str]:
        """Return the lines of the error that planning raises."""
        with pytest.raises(UserError) as caught:
            self.plan(family)
        return [line.strip() for line in str(caught.value).splitlines()]


def make_planner(artifacts: Tree, layout: str = "per-family", *, base: bool = True, **options: object) -> Planner:
    """Return a planner of BASE, if wanted, and the given artifacts."""
    return Planner(layout, {**(BASE if base else {}), **artifacts}, **options)  # type: ignore[arg-type]


def with_preference(specs: Specs, *rows: object) -> Specs:
    """Return the specs with rows of overlaps.toml."""
    return replace(specs, preferences=tuple(rows))  # type: ignore[arg-type]


def _catalog(name: str, entries: Mapping[str, Make]) -> Catalog:
    made: Sequence[Entry] = [make(path) for path, make in entries.items()]
    return Catalog(artifact=name, base_dirs=("stage",), entries=tuple(sorted(made, key=lambda e: (e.path, e.base))))
