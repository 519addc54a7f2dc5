"""The ``rocm`` sdist: the facts that its backend and ``rocm_sdk`` read, and its plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tools.build_facts import MODULE, facts_text
from tools.naming import EACH, distribution_name, extra_name, platform_package
from tools.plan.description import render_description
from tools.plan.metadata import Metadata, metadata_text, pinned
from tools.plan.model import Member, WheelPlan
from tools.plan.product import Product
from tools.plan.requests import MetaRequest
from tools.plan.runtime import read_runtime
from tools.plan.spec import GENERIC, PackageSpec, Specs, Target
from tools.platform.tags import TAGS, platform_of
from tools.values import write_json


def plan_meta(request: MetaRequest, context: object = None) -> None:
    """Write the plan of the sdist."""
    spec = request.specs.package(request.product.package)
    texts = read_runtime(request.runtime, [spec.runtime or spec.name])
    write_json(request.plan, meta_plan(request, texts, request.description.read_text(encoding="utf-8")))


def meta_plan(request: MetaRequest, runtime: Mapping[str, str], description: str) -> WheelPlan:
    """Return the plan of the sdist: the runtime's files as they are, the module of facts and PKG-INFO.

    ``description`` is the template's text.
    """
    product, spec = request.product, request.specs.package(request.product.package)
    prefix = f"{spec.runtime}/"
    members = [_text(path.removeprefix(prefix), text) for path, text in runtime.items() if path.startswith(prefix)]
    members.append(_text(MODULE, facts_text(facts(request))))
    licenses = [path.removeprefix(prefix) for path in runtime if path.startswith(f"{prefix}LICENSE")]
    members.append(_text("PKG-INFO", _pkg_info(request, spec, licenses, description)))
    return WheelPlan(
        package=product.package,
        family=product.family,
        distribution=product.distribution,
        version=product.version,
        filename=product.filename,
        dist_info="",
        members=tuple(sorted(members, key=lambda member: member.path)),
    )


def facts(request: MetaRequest) -> dict[str, object]:
    """Return the facts of the build: what the backend chooses from and what ``rocm_sdk`` knows of the build."""
    product, specs = request.product, request.specs
    spec = specs.package(product.package)
    families = _families(request)
    static, chosen = extras(spec, specs, request.products, families, dict(request.offered))
    return {
        "version": product.version,
        "layout": specs.layout,
        "requires_python": specs.about.requires_python,
        "summary": spec.summary,
        "license": spec.license,
        "default_family": request.default_family,
        "bootstrap": _detection(spec, request.products),
        "families": families,
        "targets": {
            target.name: {
                "product": target.product,
                "families": target.families,
                "platforms": target.platforms,
            }
            for target in specs.targets
        },
        "packages": _packages(specs, request.products, all_packages=bool(request.offered)),
        "libraries": [
            {
                "name": row.name,
                "package": row.package,
                "linux": row.linux,
                "windows": row.windows,
                "optional": row.optional,
            }
            for row in specs.libraries
        ],
        "requires": _pins(spec.requires, GENERIC, request.products),
        "extras": static,
        "chosen_extras": chosen,
    }


def extras(
    spec: PackageSpec,
    specs: Specs,
    products: Sequence[Product],
    families: Sequence[str],
    offered: Mapping[str, Sequence[str]],
) -> tuple[dict[str, list[str]], dict[str, dict[str, list[str]]]]:
    """Return the extras that are the same everywhere, and those that depend on the machine's GPU.

    An extra of generic packages is static. Any other gets one static extra a family (names in the normal form of
    PEP 685), one for each family of targets, ``-all`` where wheels are per target, and a row a family to choose from.
    Families that are ``offered`` may be built elsewhere.
    """
    static: dict[str, list[str]] = {}
    chosen: dict[str, dict[str, list[str]]] = {}
    for name, packages in spec.extras:
        per = {kind for package in packages for kind in specs.cut(package).per}
        if per == {"generic"}:
            elsewhere = _neutral(packages, specs) if offered else []
            if pins := _pins(packages, GENERIC, products, elsewhere):
                platforms = {one for package in packages for one in specs.package(package).platforms}
                static[name] = _for_platforms(pins, sorted(platforms) if offered else ())
            continue
        rows = {
            family: _for_platforms(
                _pins(packages, family, products, _distributions(packages, family, specs, offered)),
                offered.get(family) or _platforms(family, specs.targets),
            )
            for family in families
            if family in offered or _own(packages, family, products)
        }
        chosen[name] = rows
        static |= {extra_name(name, family): pins for family, pins in rows.items()}
        if "target" in per:
            static |= _groups(name, rows, specs.targets)
    return dict(sorted(static.items())), chosen


def _groups(name: str, rows: Mapping[str, list[str]], targets: Sequence[Target]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for target in targets:
        for family in target.families:
            groups.setdefault(extra_name(name, family), []).extend(rows.get(target.name, []))
    every = sorted(pin for pins in rows.values() for pin in pins)
    return {extra: sorted(pins) for extra, pins in groups.items() if pins} | {f"{name}-all": every}


def _families(request: MetaRequest) -> list[str]:
    return sorted(({other.family for other in request.products} | dict(request.offered).keys()) - {GENERIC})


def _distributions(
    packages: Sequence[str], family: str, specs: Specs, offered: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return the names of a family's own wheels, where it is offered whether it is built here or not."""
    if family not in offered:
        return []
    own = [name for name in packages if {"family", "target"} & set(specs.cut(name).per)]
    return [*(f"{specs.package(name).distribution}-{family}" for name in own), *_neutral(packages, specs)]


def _neutral(packages: Sequence[str], specs: Specs) -> list[str]:
    """Return the names of the packages' generic wheels that are built from artifacts, here or elsewhere."""
    rows = [specs.package(name) for name in packages if "generic" in specs.cut(name).per]
    return [spec.distribution for spec in rows if spec.rule in {"wheel", "devel"}]


def _platforms(family: str, targets: Sequence[Target]) -> Sequence[str]:
    """Return the platforms that support a target; nothing for a family of several."""
    return next((target.platforms for target in targets if target.name == family), ())


def _for_platforms(pins: Sequence[str], platforms: Sequence[str]) -> list[str]:
    """Return the requirements with a marker where one platform alone has the wheels."""
    marker = f'; sys_platform == "{platforms[0]}"' if len(platforms) == 1 else ""
    return [f"{pin}{marker}" for pin in pins]


def _own(packages: Sequence[str], family: str, products: Sequence[Product]) -> list[Product]:
    return [product for product in products if product.package in packages and product.family == family]


def _pins(packages: Sequence[str], family: str, products: Sequence[Product], more: Sequence[str] = ()) -> list[str]:
    """Return the exact requirements on the packages' wheels for a family, and on those of ``more`` built elsewhere."""
    wanted = [p for p in products if p.package in packages and p.family in {family, GENERIC}]
    version = next((product.version for product in products if product.rule == "sdist"), "")
    pins = {name: f"{name}=={version}" for name in more} | {
        p.distribution: f"{p.distribution}=={p.version}" for p in wanted
    }
    return [pins[name] for name in sorted(pins)]


def _packages(specs: Specs, products: Sequence[Product], *, all_packages: bool) -> dict[str, dict[str, str]]:
    rows: dict[str, dict[str, str]] = {}
    for package in specs.packages:
        cut = specs.cut(package.name)
        built = any(product.package == package.name and product.holds_artifacts for product in products)
        if not built and not (all_packages and package.rule in {"wheel", "devel"}):
            continue
        per = next((kind for kind in cut.per if kind != "generic"), "generic")
        distribution = distribution_name(package.distribution, GENERIC if per == "generic" else EACH)
        base = specs.package(package.overlays).distribution if package.overlays else distribution
        rows[package.name] = {
            "distribution": distribution,
            "platform_package": platform_package(base),
            "per": per,
        }
    return rows


def _detection(spec: PackageSpec, products: Sequence[Product]) -> str | None:
    found = pinned(product for product in products if product.package == spec.detection)
    return found[0] if found else None


def _pkg_info(request: MetaRequest, spec: PackageSpec, licenses: Sequence[str], description: str) -> str:
    """Return PKG-INFO: what depends on the machine that builds the wheel is dynamic (PEP 643)."""
    static, chosen = extras(spec, request.specs, request.products, _families(request), dict(request.offered))
    metadata = Metadata(
        distribution=request.product.distribution,
        version=request.product.version,
        summary=spec.summary,
        license=spec.license,
        license_files=tuple(sorted(licenses)),
        requires=(),
        classifiers=tuple(text for system in request.systems for text in platform_of(TAGS[system]).classifiers),
        dynamic=("Requires-Dist", "Provides-Extra"),
        description=render_description(
            description,
            summary=spec.summary,
            extras=list(static),
            chosen=sorted(chosen),
        ),
    )
    return metadata_text(metadata, request.specs.about)


def _text(path: str, text: str) -> Member:
    return Member(path=path, kind="text", mode=0o644, argument=text)
