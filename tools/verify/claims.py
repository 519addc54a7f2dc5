"""What a published index claims of its files, against a rebuild: wheels and statements of provenance, byte by byte.

Equal artifacts give equal wheels and equal statements, so comparing is all there is to do; what differs is named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from tools.errors import UserError
from tools.values import decode_json
from tools.verify.beside import STATEMENT
from tools.verify.finding import Finding, error

CHECK = "claims"
Fetch = Callable[[str], bytes | None]  # path below the index -> content, None where there is no such file


def check_claims(dist: Path, fetch: Fetch) -> Iterator[Finding]:
    """Yield where an index differs from ``dist``: for each of its files that has a statement of provenance.

    :raises UserError: when the dist has no statement.
    """
    mine = sorted(dist.rglob(f"*{STATEMENT}"))
    if not mine:
        raise UserError(f"{dist}: has no statement of provenance; run doit index")
    for path in mine:
        name = path.relative_to(dist).as_posix()
        yield from _check_one(name.removesuffix(STATEMENT), path.read_bytes(), fetch(name), fetch)


def _check_one(name: str, mine: bytes, theirs: bytes | None, fetch: Fetch) -> Iterator[Finding]:
    filename = name.rpartition("/")[2]
    if theirs is None:
        yield error(filename, CHECK, "has no statement of provenance there")
        return
    own, told = _parts(mine), _parts(theirs)
    if told is None or own is None:
        yield error(filename, CHECK, "has a statement that cannot be read")
        return
    content = fetch(name)
    if content is None:
        yield error(filename, CHECK, "is not there")
    elif hashlib.sha256(content).hexdigest() != told["digest"]:
        yield error(filename, CHECK, "is not the file that its statement speaks of")
    if theirs != mine:
        differing = [what for what in own if own[what] != told[what]]
        if {"plan", "artifacts"} & set(differing):
            for artifact in _differing(own["artifacts"], told["artifacts"]) or [""]:
                yield error(filename, CHECK, "is of another build than this one", artifact)
        elif "digest" in differing:
            yield error(filename, CHECK, "was made from the same inputs and is another file")
        else:
            yield error(filename, CHECK, "has a statement that was changed")


def _parts(statement: bytes) -> dict[str, Any] | None:
    """Return what a statement says of a file, None where it is none of ours."""
    try:
        value: Any = decode_json(statement, object)
        (subject,) = value["subject"]
        definition = value["predicate"]["buildDefinition"]
        return {
            "digest": subject["digest"]["sha256"],
            "plan": definition["internalParameters"]["plan"]["sha256"],
            "artifacts": {row["name"]: row["digest"]["sha256"] for row in definition["resolvedDependencies"]},
        }
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        return None


def _differing(mine: dict[str, str], theirs: dict[str, str]) -> list[str]:
    return sorted(name for name in {*mine, *theirs} if mine.get(name) != theirs.get(name))
