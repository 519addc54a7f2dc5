"""``packaging_specs/`` read and checked: TOML in, :class:`tools.plan.spec.Specs` out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from rules.loading.spec_table import Table, read_toml
from tools.errors import UserError, listed
from tools.naming import read_wheel_name
from tools.plan.spec import (
    COMPONENTS,
    PLATFORMS,
    About,
    Carried,
    Claim,
    Ignored,
    IgnoredFiles,
    LayoutPackage,
    PackageSpec,
    Per,
    Preference,
    PublicLibrary,
    Rpath,
    Script,
    Specs,
    Target,
)
from tools.platform.tags import LINUX, SYSTEMS

ARTIFACTS = "artifacts.toml"  # what the other files may name


def load_specs(directory: Path, layout: str, system: str = LINUX) -> Specs:
    """Return the specs below ``directory`` for ``layout`` and wheels for ``system``, as sys.platform calls it.

    :raises UserError: for the first thing that is wrong, with file, key and what is allowed.
    """
    artifacts = _read_artifacts(directory / ARTIFACTS)
    names = _names(directory / "packages")
    packages = {
        name: _read_package(directory / "packages" / f"{name}.toml", name, names, artifacts, system) for name in names
    }
    split, cuts = _read_layout(directory / "layouts", layout, names)
    present = {cut.package for cut in cuts}
    used = tuple(_for_layout(packages[cut.package], cut, packages, present, system) for cut in cuts)
    ignored, ignored_files = _read_ignored(directory / "ignored.toml", artifacts, used, system)
    return Specs(
        layout=layout,
        system=system,
        kpack_split=split,
        packages=used,
        cuts=cuts,
        unlisted=tuple(package for name, package in packages.items() if name not in present),
        targets=_read_targets(directory / "targets.toml", artifacts),
        libraries=_read_libraries(directory / "libraries.toml", names),
        ignored=(*ignored, *_of_other_platforms(packages.values(), system)),
        ignored_files=ignored_files,
        preferences=_read_preferences(directory / "overlaps.toml", artifacts),
        about=_read_about(directory / "project.toml"),
    )


def layout_for(directory: Path, kpack_split: bool) -> str:
    """Return the name of the layout made for artifacts whose ``KPACK_SPLIT_ARTIFACTS`` flag is ``kpack_split``."""
    names = _names(directory / "layouts")
    for name in names:
        if read_toml(directory / "layouts" / f"{name}.toml").boolean("kpack_split") == kpack_split:
            return name
    raise UserError(f"{directory / 'layouts'}: no layout has kpack_split = {str(kpack_split).lower()}: {listed(names)}")


def _names(directory: Path) -> tuple[str, ...]:
    names = tuple(sorted(file.stem for file in directory.glob("*.toml")))
    if not names:
        raise UserError(f"{directory}: has no .toml file")
    return names


def _read_artifacts(file: Path) -> tuple[str, ...]:
    table = read_toml(file)
    generic, family = table.strings("generic"), table.strings("family")
    table.done()
    if both := set(generic) & set(family):
        raise table.error(f"is in both lists: {listed(both)}", "family")
    return generic + family


def _read_layout(directory: Path, layout: str, packages: Sequence[str]) -> tuple[bool, tuple[LayoutPackage, ...]]:
    known = _names(directory)
    if layout not in known:
        raise UserError(f"{directory}: there is no layout {layout!r}; it must be one of {listed(known)}")
    table = read_toml(directory / f"{layout}.toml")
    split, cuts = table.boolean("kpack_split"), table.table("packages", required=True)
    table.done()
    cuts.check_keys(packages)
    return split, cuts.each(_cut)


def _cut(name: str, table: Table) -> LayoutPackage:
    cut = LayoutPackage(
        package=name,
        per=cast("tuple[Per, ...]", table.strings("per", allowed=("generic", "family", "target"))),
        takes=table.strings("takes", allowed=("generic", "own"), default=["own"]),  # type: ignore[arg-type]
        without=table.strings("without", allowed=COMPONENTS, default=[]),
    )
    table.done()
    return cut


def _read_package(file: Path, name: str, packages: Sequence[str], artifacts: Sequence[str], system: str) -> PackageSpec:
    table = read_toml(file)
    exclude = table.strings("exclude", default=[])
    spec = PackageSpec(
        name=name,
        rule=table.choice("rule", ("wheel", "devel", "sdist", "carried")),  # type: ignore[arg-type]
        distribution=table.string("distribution"),
        summary=table.string("summary"),
        license=table.string("license"),
        runtime=table.optional_string("runtime"),
        claims=tuple(_claim(claim, artifacts, exclude) for claim in table.tables("claims")),
        claims_of=table.strings("artifacts_of", allowed=packages, default=[]),
        requires=table.strings("requires", allowed=packages, default=[]),
        rpaths=tuple(
            _rpath(table, index, text, packages) for index, text in enumerate(table.strings("rpaths", default=[]))
        ),
        overlays=_optional_package(table, "overlays", packages),
        forwarders=table.strings("forwarders", default=[]),
        also_in_lib=table.strings("also_in_lib", default=[]),
        scripts=_scripts(table.table("scripts"), system),
        not_exposed=table.strings("not_exposed", default=[]),
        extras=_extras(table.table("extras"), packages),
        detection=_optional_package(table, "detection", packages),
        carried=_carried(table, file),
        size_budget=table.optional_integer("size_budget"),
        platforms=_platforms(table),
    )
    table.done()
    if not spec.distribution.startswith("rocm") and not spec.carried:
        problem = (
            f"{spec.distribution!r} must begin with 'rocm': the installed SDK follows links into such packages alone"
        )
        raise table.error(problem, "distribution")
    _check_runtime(table, spec, file.parents[1] / "runtime")
    return spec


def _check_runtime(table: Table, spec: PackageSpec, directory: Path) -> None:
    if spec.runtime is not None and not (directory / spec.runtime).is_dir():
        raise table.error(f"{spec.runtime!r} is no folder of {directory}", "runtime")
    if spec.scripts and not (spec.runtime and (directory / spec.runtime / "_cli.py").is_file()):
        raise table.error("need a runtime folder with a _cli.py that starts them; copy rocm_profiler", "scripts")
    if spec.scripts and spec.overlays:
        raise table.error(f"a package that overlays {spec.overlays} has none: its programs lie in that one", "scripts")


def _optional_package(table: Table, key: str, packages: Sequence[str]) -> str | None:
    return None if table.optional_string(key) is None else table.choice(key, packages)


def _carried(table: Table, file: Path) -> Carried | None:
    row = table.table("carried", required=table.string("rule") == "carried")
    if not row.values:
        return None
    carried = Carried(file=row.string("file"), sha256=row.string("sha256"))
    row.done()
    try:
        read_wheel_name(carried.file)
    except ValueError as error:
        raise row.error(str(error), "file") from None
    return carried


def _claim(table: Table, artifacts: Sequence[str], exclude: tuple[str, ...]) -> Claim:
    claim = Claim(
        artifacts=table.strings("artifacts", allowed=artifacts, listed_in=ARTIFACTS),
        components=table.strings("components", allowed=COMPONENTS),
        include=table.strings("include", default=[]),
        exclude=exclude + table.strings("exclude", default=[]),
    )
    if not claim.artifacts or not claim.components:
        raise table.error("needs at least one name", "components" if claim.artifacts else "artifacts")
    table.done()
    return claim


def _rpath(table: Table, index: int, text: str, packages: Sequence[str]) -> Rpath:
    package, _, directory = text.partition(":")
    if package not in packages or not directory or directory.startswith("/") or ".." in directory.split("/"):
        raise table.error(
            f"{text!r} must be PACKAGE:DIRECTORY, PACKAGE one of {listed(packages)}, DIRECTORY relative",
            f"rpaths[{index}]",
        )
    return Rpath(package=package, directory=directory)


def _scripts(table: Table, system: str) -> tuple[tuple[str, Script], ...]:
    """Return the console scripts of one platform, in order of their names."""
    rows = sorted(table.each(_script), key=lambda row: row[0])
    return tuple((name, script) for name, script, platforms in rows if system in platforms)


def _script(name: str, table: Table) -> tuple[str, Script, tuple[str, ...]]:
    script = Script(path=table.string("path"), devel=table.boolean("devel"))
    platforms = _platforms(table)
    table.done()
    return name, script, platforms


def _platforms(table: Table) -> tuple[str, ...]:
    return table.strings("platforms", allowed=PLATFORMS, default=list(PLATFORMS))


def _extras(table: Table, packages: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((name, table.strings(name, allowed=packages)) for name in table.values)


def _read_targets(file: Path, artifacts: Sequence[str]) -> tuple[Target, ...]:
    def target(name: str, table: Table) -> Target:
        row = Target(
            name=name,
            product=table.string("product"),
            families=table.strings("families"),
            platforms=table.strings("platforms", allowed=PLATFORMS),
            without=table.strings("without", allowed=artifacts, default=[], listed_in=ARTIFACTS),
        )
        table.done()
        return row

    return read_toml(file).each(target)


def _read_libraries(file: Path, packages: Sequence[str]) -> tuple[PublicLibrary, ...]:
    def library(name: str, table: Table) -> PublicLibrary:
        row = PublicLibrary(
            name=name,
            package=table.choice("package", packages),
            linux=table.optional_string("linux"),
            windows=table.optional_string("windows"),
            optional=table.boolean("optional", default=False),
        )
        table.done()
        return row

    return read_toml(file).each(library)


def _read_ignored(
    file: Path, artifacts: Sequence[str], packages: Sequence[PackageSpec], system: str
) -> tuple[list[Ignored], tuple[IgnoredFiles, ...]]:
    """Return artifacts that nobody packages, and files of any artifact; of these the rows for one platform."""
    table = read_toml(file)
    rows = []
    ignored_files = [_ignored_files(row) for row in table.tables("files")]
    for row in table.tables("ignore"):
        ignored = Ignored(
            artifact=row.choice("artifact", artifacts, listed_in=ARTIFACTS),
            components=row.strings("components", allowed=COMPONENTS, default=list(COMPONENTS)),
            reason=row.string("reason"),
        )
        row.done()
        for component in ignored.components:
            if claiming := [p.name for p in packages if p.claims_component(ignored.artifact, component)]:
                files = listed(f"packages/{name}.toml" for name in claiming)
                raise row.error(
                    f"{ignored.artifact}'s {component} component is claimed in {files}, too, by claims or "
                    "artifacts_of; take it out of one of the files"
                )
        rows.append(ignored)
    table.done()
    return rows, tuple(one for one, platforms in ignored_files if system in platforms)


def _ignored_files(table: Table) -> tuple[IgnoredFiles, tuple[str, ...]]:
    ignored, platforms = IgnoredFiles(path=table.string("path"), reason=table.string("reason")), _platforms(table)
    table.done()
    return ignored, platforms


def _of_other_platforms(packages: Iterable[PackageSpec], system: str) -> Iterator[Ignored]:
    """Yield what packages claim that have no wheel for the platform."""
    for package in packages:
        for claim in package.claims if system not in package.platforms else ():
            reason = f"{package.name} has no wheel for {SYSTEMS[system]}"
            yield from (Ignored(artifact=name, components=claim.components, reason=reason) for name in claim.artifacts)


def _read_preferences(file: Path, artifacts: Sequence[str]) -> tuple[Preference, ...]:
    table = read_toml(file)
    rows = []
    for row in table.tables("prefer"):
        rows.append(
            Preference(
                path=row.string("path"),
                artifact=row.choice("artifact", artifacts, listed_in=ARTIFACTS),
                reason=row.string("reason"),
            )
        )
        row.done()
    table.done()
    return tuple(rows)


def _read_about(file: Path) -> About:
    table = read_toml(file)
    urls = table.table("urls")
    about = About(
        requires_python=table.string("requires_python"),
        author=table.string("author"),
        urls=tuple((label, urls.string(label)) for label in urls.values),
    )
    table.done()
    return about


def _for_layout(
    package: PackageSpec, cut: LayoutPackage, packages: dict[str, PackageSpec], present: set[str], system: str
) -> PackageSpec:
    """Return the package with the claims it takes over from others spelt out and the layout's components left out.

    What is about ELF files alone is left out for another system.
    """
    if system != LINUX:
        package = replace(package, rpaths=(), forwarders=(), also_in_lib=())
    inherited = sorted(
        {name for other in package.claims_of for claim in packages[other].claims for name in claim.artifacts}
    )
    claims = list(package.claims) if system in package.platforms else []
    if inherited:
        claims.insert(0, Claim(artifacts=tuple(inherited), components=COMPONENTS))
    kept = tuple(
        replace(claim, components=tuple(name for name in claim.components if name not in cut.without))
        for claim in claims
    )
    requires = tuple(name for name in package.requires if name in present)
    extras = tuple((name, tuple(p for p in wanted if p in present)) for name, wanted in package.extras)
    detection = package.detection if package.detection in present else None
    return replace(
        package, detection=detection, claims=kept, requires=requires, extras=tuple((n, w) for n, w in extras if w)
    )
