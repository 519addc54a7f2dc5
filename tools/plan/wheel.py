"""One wheel's plan: its placed files, and the texts that make a wheel of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from keyword import iskeyword
from posixpath import join
from typing import NamedTuple

from tools.plan.description import render_description
from tools.plan.devel import Link
from tools.plan.metadata import (
    Metadata,
    entry_points_text,
    function_name,
    metadata_text,
    package_facts,
    pinned,
    wheel_text,
)
from tools.plan.model import Member, WheelPlan
from tools.plan.outcome import Outcome
from tools.plan.problem import Problem
from tools.plan.product import Product, devel_root
from tools.plan.provenance import UNKNOWN, Provenance, sbom_text
from tools.plan.scripts import exposed_scripts
from tools.plan.spec import GENERIC, PackageSpec, Specs
from tools.platform.model import Platform
from tools.values import encode_json

PLATFORM_MODULE = '"""The files of a ROCm package; the package of this name without the underscore has the code."""\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelTexts:
    """What a wheel's text files are made from, beside its own product."""

    specs: Specs
    products: tuple[Product, ...]  # all of the build, for requirements
    platform: Platform
    runtime: Mapping[str, str]  # path below packaging_specs/runtime -> text
    description: str  # Jinja2 template
    provenance: Provenance = UNKNOWN


class Planned(NamedTuple):
    """A wheel's plan and what the user should know."""

    plan: WheelPlan
    outcome: Outcome


def plan_wheel(
    product: Product,
    members: Sequence[Member],
    licenses: Sequence[Member],
    links: tuple[Link, ...] | None,
    texts: WheelTexts,
) -> Planned:
    """Return the plan of one wheel: ``members`` and ``licenses`` as placed, and the generated texts.

    ``links`` is the link table of a wheel that brings one.
    """
    spec = texts.specs.package(product.package)
    exposed = exposed_scripts(spec, members, product.platform_package, texts.platform)
    dist_info = product.dist_info
    scripts = {name: (script.path, script.devel) for name, script in exposed.scripts.items()}
    generated = [
        *_identity(product, scripts, _content(members, links)),
        *_platform_module(product, spec),
        *_link_file(product, links, texts),
        *_runtime_files(product, spec, texts.runtime),
        _text(
            join(dist_info, "METADATA"),
            metadata_text(_metadata(product, spec, licenses, texts), texts.specs.about),
        ),
        _text(join(dist_info, "WHEEL"), wheel_text(texts.platform.tag)),
        _text(
            join(dist_info, "sboms", f"{product.distribution}.cdx.json"),
            sbom_text(product.distribution, product.version, [*members, *licenses], texts.provenance),
        ),
    ]
    if scripts:
        module = "rocm_sdk_core" if spec.runtime is None else product.import_name
        generated.append(_text(join(dist_info, "entry_points.txt"), entry_points_text(scripts, f"{module}._cli")))
    everything = sorted([*members, *licenses, *generated], key=lambda member: member.path)
    plan = WheelPlan(
        package=product.package,
        family=product.family,
        distribution=product.distribution,
        version=product.version,
        filename=product.filename,
        dist_info=dist_info,
        members=tuple(everything),
    )
    undecided = exposed.undecided if product.rule == "wheel" else []
    problems = [*_problems(product, members, undecided), *_function_problems(product, scripts)]
    return Planned(plan, Outcome(problems=problems, unused=_unused(product, exposed.missing)))


def requirements(product: Product, spec: PackageSpec, products: Sequence[Product]) -> tuple[str, ...]:
    """Return the exact pins of a wheel: of its own family where there is such a wheel, else of the generic one."""
    found = {(other.package, other.family): other for other in products}
    wanted = [found.get((name, product.family)) or found.get((name, GENERIC)) for name in spec.requires]
    if product.family != GENERIC:
        wanted.append(found.get((product.package, GENERIC)))  # devel of a family builds on the neutral one
    return pinned(other for other in wanted if other is not None)


def _content(members: Iterable[Member], links: tuple[Link, ...] | None) -> str:
    """Return a digest of what the wheel brings from artifacts: the devel tree knows a build by it."""
    digest = hashlib.sha256(encode_json(links or ()))
    for member in sorted(members, key=lambda member: member.path):
        row = (member.path, member.kind, str(member.mode), member.sha256, member.argument)
        digest.update("\0".join(row).encode() + b"\n")
    return digest.hexdigest()


def _identity(product: Product, scripts: Mapping[str, tuple[str, bool]], content: str) -> list[Member]:
    names = {
        "package": product.package,
        "family": product.family,
        "distribution": product.distribution,
        "version": product.version,
        "platform_package": product.platform_package,
        "content": content,
    }
    facts = encode_json(package_facts(names, scripts)).decode()
    return [_text(join(product.platform_package, f"{product.import_name}.package.json"), facts)]


def _platform_module(product: Product, spec: PackageSpec) -> list[Member]:
    """Return ``__init__.py`` of the platform directory: programs look for its ``__file__``, and PyInstaller's
    collectors for a package. A wheel that overlays another's directory leaves it to that one.
    """
    return [] if spec.overlays else [_text(join(product.platform_package, "__init__.py"), PLATFORM_MODULE)]


def _link_file(product: Product, links: tuple[Link, ...] | None, texts: WheelTexts) -> list[Member]:
    if links is None:
        return []
    root = devel_root(product, texts.products)
    table = encode_json({"root": root, "links": links}).decode()
    return [_text(join(product.platform_package, f"{product.import_name}.links.json"), table)]


def _runtime_files(product: Product, spec: PackageSpec, runtime: Mapping[str, str]) -> list[Member]:
    if spec.runtime is None:
        return []
    prefix = f"{spec.runtime}/"
    return [
        _text(join(product.import_name, path.removeprefix(prefix)), text)
        for path, text in runtime.items()
        if path.startswith(prefix)
    ]


def _metadata(product: Product, spec: PackageSpec, licenses: Sequence[Member], texts: WheelTexts) -> Metadata:
    below = join(product.dist_info, "licenses") + "/"
    return Metadata(
        distribution=product.distribution,
        version=product.version,
        summary=spec.summary if product.family == GENERIC else f"{spec.summary} for {product.family}",
        license=spec.license,
        license_files=tuple(sorted(member.path.removeprefix(below) for member in licenses)),
        requires=requirements(product, spec, texts.products),
        description=_description(product, spec, texts),
        classifiers=texts.platform.classifiers,
    )


def _description(product: Product, spec: PackageSpec, texts: WheelTexts) -> str:
    targets = [t for t in texts.specs.targets if product.family in {t.name, *t.families}]
    extra = next((name for name, wanted in _extras(texts.specs) if product.package in wanted), None)
    if extra is not None and product.family != GENERIC:
        extra = f"{extra}-{product.family.lower()}"
    return render_description(
        texts.description,
        distribution=product.distribution,
        family=product.family,
        summary=spec.summary,
        extra=extra,
        targets=targets,
    )


def _extras(specs: Specs) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return next((package.extras for package in specs.packages if package.rule == "sdist"), ())


def _problems(product: Product, members: Sequence[Member], undecided: Sequence[str]) -> list[Problem]:
    reason = (
        f"a program of {product.package} that is neither a console script nor listed in not_exposed; add it to "
        f"[scripts] or not_exposed of packages/{product.package}.toml"
    )
    problems = [Problem(reason, path) for path in undecided]
    if not members and product.rule == "wheel":  # devel may be left with links alone
        artifacts = ", ".join(product.artifacts)
        reason = f"none of its artifacts gives it a file ({artifacts}); check the claims, or leave the artifacts out"
        problems.append(Problem(reason, product.distribution))
    return problems


def _function_problems(product: Product, scripts: Iterable[str]) -> list[Problem]:
    """Each console script is a function, so no two of them may have the same, and each has to be a name in Python."""
    names: dict[str, str] = {}
    problems = []
    for script in sorted(scripts):
        function = function_name(script)
        where = f"packages/{product.package}.toml: scripts.{script}"
        if not function.isidentifier() or iskeyword(function):
            reason = f"{function!r} cannot be the name of a function; rename the console script"
            problems.append(Problem(reason, where))
        elif names.setdefault(function, script) != script:
            problems.append(Problem(f"is the function {function}, as {names[function]} is; rename one of them", where))
    return problems


def _unused(product: Product, missing: Sequence[str]) -> list[str]:
    if not missing:
        return []
    return [f"{product.package}: no artifact has the program of the console scripts {', '.join(missing)}"]


def _text(path: str, text: str) -> Member:
    return Member(path=path, kind="text", mode=0o644, argument=text)
