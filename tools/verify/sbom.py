"""The SBOM of a wheel of ours (PEP 770): a CycloneDX document, of this wheel and no other."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tools.values import decode_json
from tools.verify.finding import Finding, error
from tools.verify.identity import Wheel


class _Component(msgspec.Struct, frozen=True):
    name: str
    version: str


class _Metadata(msgspec.Struct, frozen=True):
    component: _Component


class _Document(msgspec.Struct, frozen=True):
    format: str = msgspec.field(name="bomFormat")
    metadata: _Metadata


def check_sbom(wheel: Wheel) -> Iterator[Finding]:
    """Yield what is wrong with the documents in the wheel's ``sboms`` directory."""
    facts, folder = wheel.identity.facts, f"{wheel.identity.dist_info}/sboms/"
    texts = {path: text for path, text in wheel.contents.texts.items() if path.startswith(folder)}
    if facts is None:
        return
    if not texts:
        yield error(wheel.name, "sbom", f"has no document in {folder}")
    for path, text in texts.items():
        try:
            document = decode_json(text, _Document)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            yield error(wheel.name, "sbom", f"cannot be read ({problem})", path)
            continue
        of = document.metadata.component
        if document.format != "CycloneDX" or (of.name, of.version) != (facts.distribution, facts.version):
            yield error(wheel.name, "sbom", f"is a {document.format} document of {of.name} {of.version}", path)
