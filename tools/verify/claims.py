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
from tools.verify.beside import STATEMENT, Digest, Subject
from tools.verify.finding import Finding, error
from tools.verify.regular import read_regular

CHECK = "claims"
Fetch = Callable[[str], bytes | None]  # path below the index -> content, None where there is no such file


class _Parameters(msgspec.Struct, frozen=True):
    plan: Digest


class _Definition(msgspec.Struct, frozen=True):
    parameters: _Parameters = msgspec.field(name="internalParameters")
    dependencies: tuple[Subject, ...] = msgspec.field(name="resolvedDependencies")


class _Predicate(msgspec.Struct, frozen=True):
    definition: _Definition = msgspec.field(name="buildDefinition")


class _Statement(msgspec.Struct, frozen=True):
    """``FILE.provenance.json``: SLSA's provenance in a statement of in-toto, as far as it is compared."""

    subject: tuple[Subject]
    predicate: _Predicate


def check_claims(dist: Path, fetch: Fetch) -> Iterator[Finding]:
    """Yield where an index differs from ``dist``: for each of its files that has a statement of provenance.

    :raises UserError: when the dist has no statement.
    """
    mine = sorted(dist.rglob(f"*{STATEMENT}"))
    if not mine:
        raise UserError(f"{dist}: has no statement of provenance; run doit index")
    for path in mine:
        name = path.relative_to(dist).as_posix()
        try:
            statement = read_regular(path)
        except OSError as problem:
            yield error(path.name, CHECK, f"cannot be read: {problem.strerror}")
            continue
        yield from _check_one(name.removesuffix(STATEMENT), statement, fetch(name), fetch)


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
        value = decode_json(statement, _Statement)
    except (ValueError, msgspec.DecodeError):
        return None
    (subject,), definition = value.subject, value.predicate.definition
    return {
        "digest": subject.digest.sha256,
        "plan": definition.parameters.plan.sha256,
        "artifacts": {row.name: row.digest.sha256 for row in definition.dependencies},
    }


def _differing(mine: dict[str, str], theirs: dict[str, str]) -> list[str]:
    return sorted(name for name in {*mine, *theirs} if mine.get(name) != theirs.get(name))
