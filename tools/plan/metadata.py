"""The text files of a wheel's metadata directory (core metadata, PEP 566 to 639; wheels, PEP 427)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tools.naming import wheel_tag
from tools.plan.product import Product
from tools.plan.spec import About
from tools.platform.linux import CLASSIFIERS

GENERATOR = "rules_rocm_wheels 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The fields of METADATA that differ between distributions."""

    distribution: str
    version: str
    summary: str
    license: str  # SPDX expression
    license_files: tuple[str, ...]  # below dist-info/licenses/
    requires: tuple[str, ...]
    description: str  # Markdown
    classifiers: tuple[str, ...] = CLASSIFIERS  # of the system; an sdist has those of all wheels that it stands for
    dynamic: tuple[str, ...] = ()  # fields that an sdist's build decides (PEP 643)


def metadata_text(metadata: Metadata, about: About) -> str:
    """Return METADATA (core metadata 2.4: licence expression and files as in PEP 639)."""
    fields = [
        ("Metadata-Version", "2.4"),
        ("Name", metadata.distribution),
        ("Version", metadata.version),
        ("Summary", metadata.summary),
        ("Author", about.author),
        ("License-Expression", metadata.license),
        *(("License-File", path) for path in metadata.license_files),
        *(("Project-URL", f"{name}, {url}") for name, url in about.urls),
        *(("Classifier", text) for text in (*metadata.classifiers, "Programming Language :: Python :: 3")),
        ("Requires-Python", about.requires_python),
        *(("Requires-Dist", requirement) for requirement in metadata.requires),
        *(("Dynamic", field) for field in metadata.dynamic),
        ("Description-Content-Type", "text/markdown; charset=UTF-8"),
    ]
    return "".join(f"{name}: {value}\n" for name, value in fields) + "\n" + metadata.description


def wheel_text(platform_tag: str) -> str:
    """Return WHEEL (PEP 427)."""
    return f"Wheel-Version: 1.0\nGenerator: {GENERATOR}\nRoot-Is-Purelib: false\nTag: {wheel_tag(platform_tag)}\n"


def entry_points_text(scripts: Iterable[str], module: str) -> str:
    """Return entry_points.txt with every console script calling the function of ``module`` that is named like it."""
    return "[console_scripts]\n" + "".join(f"{name} = {module}:{function_name(name)}\n" for name in sorted(scripts))


def function_name(script: str) -> str:
    """Return the function of a console script, as ``rocm_sdk_core._cli`` makes it: ``amdclangpp`` of ``amdclang++``."""
    return "".join("p" if one == "+" else one if one.isalnum() else "_" for one in script)


def pinned(products: Iterable[Product]) -> tuple[str, ...]:
    """Return exact requirements, each in the product's own version: carried ones are not of ROCm's.

    ``==`` with a local version matches that local version only (PEP 440).
    """
    ordered = sorted(products, key=lambda product: product.distribution)
    return tuple(f"{product.distribution}=={product.version}" for product in ordered)


def package_facts(names: Mapping[str, str], scripts: Mapping[str, tuple[str, bool]]) -> dict[str, object]:
    """Return what ``<import name>.package.json`` tells the installed runtime about a wheel."""
    table = {name: {"path": path, "devel": devel} for name, (path, devel) in sorted(scripts.items())}
    return {**names, "scripts": table}
