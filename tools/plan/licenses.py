"""Licence files of the artifacts, which go into the metadata directory of each wheel that they speak of (PEP 639)."""

from __future__ import annotations

from collections.abc import Iterable
from posixpath import join

import msgspec

from tools.catalog.model import Catalog
from tools.plan.model import Member
from tools.plan.patterns import matches
from tools.plan.product import Product

DOCUMENTATION = "share/doc/"
LICENSES = tuple(f"{DOCUMENTATION}**/{name}" for name in ("LICENSE*", "COPYING*", "NOTICE*", "copyright"))


def licenses(catalogs: Iterable[Catalog]) -> list[tuple[str, str, Member]]:
    """Return (artifact name, path, member without a path) of every licence file."""
    found = []
    for catalog in catalogs:
        for entry in catalog.entries:
            if entry.path.startswith(DOCUMENTATION) and entry.kind == "file" and matches(entry.path, LICENSES):
                member = Member(
                    path="",
                    kind="copy",
                    mode=0o644,
                    source=f"{catalog.artifact}/{catalog.base_dirs[entry.base]}/{entry.path}",
                    size=entry.size,
                    sha256=entry.sha256,
                    crc32=entry.crc32,
                )
                found.append((catalog.artifact.split("_")[0], entry.path, member))
    return found


def licenses_of(product: Product, found: Iterable[tuple[str, str, Member]]) -> list[Member]:
    """Return the licence files of the wheel's artifacts as members of its metadata directory (PEP 639).

    One lies below the name of its artifact; different ones that would lie under one path keep their whole locations.
    """
    names = {artifact.split("_")[0] for artifact in product.artifacts}
    places: dict[str, dict[str, Member]] = {}  # below "licenses" -> sha256 -> one of the files
    for name, below, member in found:
        if name in names:
            places.setdefault(join(name, below), {}).setdefault(member.sha256, member)
    members = {
        place if len(files) == 1 else member.source: member
        for place, files in places.items()
        for member in files.values()
    }
    directory = join(product.dist_info, "licenses")
    return [msgspec.structs.replace(members[place], path=join(directory, place)) for place in sorted(members)]
