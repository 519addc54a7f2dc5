"""Wheels as verification has read them, described by what they hold; no archive is made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from packaging.requirements import Requirement

from tools.elf.model import ElfFacts
from tools.pe.model import PeFacts
from tools.verify.finding import Finding
from tools.verify.identity import Facts, Identity, Script, Wheel
from tools.verify.sdist import Library, Package, Sdist, SdistFacts
from tools.verify.wheel import Content, WheelContents, is_text

VERSION = "1.0"


def content(data: bytes | ElfFacts | PeFacts = b"content", mode: int = 0o644, **facts: Any) -> Content:
    """Return a file with these bytes, or one that is such an ELF or PE file; ``facts`` are further ones."""
    if isinstance(data, ElfFacts):
        return Content(size=1, sha256="e" * 64, mode=0o100000 | mode, elf=data, **facts)
    if isinstance(data, PeFacts):
        return Content(size=1, sha256="e" * 64, mode=0o100000 | mode, pe=data, **facts)
    return Content(size=len(data), sha256=hashlib.sha256(data).hexdigest(), mode=0o100000 | mode)


def wheel(
    package: str,
    files: Mapping[str, bytes | ElfFacts | PeFacts | Content] | None = None,
    *,
    requires: Sequence[str] = (),
    family: str = "generic",
    scripts: Mapping[str, str] | None = None,
    platform_package: str | None = None,
    platform: str = "linux_x86_64",
    ours: bool = True,
    version: str = VERSION,
    python: str = "py3-none",
) -> Wheel:
    """Return a wheel with ``files`` by their paths in it; ``requires`` are names of distributions.

    ``python`` is what its file name says of Python and ABI.

    One of ``ours`` is "rocm-sdk-PACKAGE", holds the facts that our runtime reads, and pins what it requires.
    """
    suffix = "" if family == "generic" else f"-{family}"
    distribution = f"rocm-sdk-{package}{suffix}" if ours else package
    name = distribution.lower().replace("-", "_")
    facts = Facts(
        package=package,
        family=family,
        distribution=distribution,
        version=version,
        platform_package=platform_package or f"_{distribution.replace('-', '_')}",
        scripts={script: Script(path, devel=False) for script, path in (scripts or {}).items()},
    )
    everything = {path: data if isinstance(data, Content) else content(data) for path, data in (files or {}).items()}
    texts = {path: data for path, data in (files or {}).items() if isinstance(data, bytes) and is_text(path)}
    identity = Identity(
        project=distribution.lower(),
        version=version,
        platforms=(platform,),
        dist_info=f"{name}-{version}.dist-info",
        requires=tuple(Requirement(f"{one}=={version}") for one in requires),
        requires_python=">=3.10",
        facts=facts if ours else None,
    )
    contents = WheelContents(
        filename=f"{name}-{version}-{python}-{platform}.whl", size=1000, sha256="", files=everything, texts=texts
    )
    return Wheel(contents, identity)


def sdist(*libraries: Library, **extras: tuple[str, ...]) -> Sdist:
    """Return the sdist of rocm 1.0, which requires core, has these extras and knows these libraries."""
    facts = SdistFacts(
        version=VERSION,
        families=(),
        packages={"core": Package("rocm-sdk-core", "_rocm_sdk_core")},
        requires=(f"rocm-sdk-core=={VERSION}",),
        extras=extras,
        chosen_extras={},
        libraries=libraries,
    )
    name = f"rocm-{VERSION}.tar.gz"
    return Sdist(filename=name, size=1, sha256="", project="rocm", version=VERSION, requires_python="", facts=facts)


def links(root: str, *rows: tuple[str, str, str, str]) -> bytes:
    """Return a link table: rows of (path, kind, platform package, target)."""
    return json.dumps({"root": root, "links": rows}).encode()


def told(findings: Sequence[Finding] | object) -> list[str]:
    """Return findings as "SEVERITY: CHECK: PROBLEM: CULPRIT", in their order."""
    rows = sorted(findings)  # type: ignore[call-overload]
    return [": ".join(part for part in (row.severity, row.check, row.problem, row.culprit) if part) for row in rows]
