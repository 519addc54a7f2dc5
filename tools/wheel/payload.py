"""What goes into the archive and in which order: the plan's members with the bytes of those that have no source."""

from __future__ import annotations

from operator import attrgetter
from typing import NamedTuple

import msgspec

from tools.elf.forwarder import forwarder
from tools.elf.stub import exe_stub
from tools.errors import UserError
from tools.plan.model import Member, WheelPlan
from tools.wheel.recipe import content_key


class Payload(msgspec.Struct, frozen=True, gc=False):
    """One member on its way into the archive."""

    path: str  # in the wheel
    member: Member
    size: int  # bytes of the source, or of ``content``
    key: str  # of the content, see recipe.content_key
    recipe: str
    content: bytes | None  # None: read it from the source


class Members(NamedTuple):
    """What a plan puts into a wheel, in physical order."""

    body: list[Payload]
    info: list[Payload]  # of the dist-info directory


def payloads(plan: WheelPlan, compressor: str) -> Members:
    """Return the plan's members and, apart, those of its dist-info directory, each list in physical order.

    The largest members come first, so that their work starts first; the path decides between equal sizes. The
    dist-info directory comes last, by path: a program that reads a wheel over a network looks at the end of the file
    (PEP 427 recommends it).
    """
    prefix = f"{plan.dist_info}/"
    found = [payload_of(member, compressor) for member in plan.members]
    found.sort(key=attrgetter("path"))
    body = [payload for payload in found if not payload.path.startswith(prefix)]
    body.sort(key=attrgetter("size"), reverse=True)  # reverse keeps the order of those that are equal
    return Members(body, [payload for payload in found if payload.path.startswith(prefix)])


def payload_of(member: Member, compressor: str) -> Payload:
    """Return one member with its bytes, if it has no source, and its recipe, which ends in ``compressor``."""
    if member.kind == "copy":
        return Payload(member.path, member, member.size, member.sha256, member.sha256 + compressor, None)
    content = _generated(member)
    key = content_key(member, content)
    size = member.size if content is None else len(content)
    return Payload(member.path, member, size, key, key + compressor, content)


def _generated(member: Member) -> bytes | None:
    """Return the bytes of a member that has no source, None for others.

    :raises UserError: when its argument cannot be used; the member is named.
    """
    if member.source:
        return None
    try:
        match member.kind:
            case "text":
                return member.argument.encode()
            case "stub":
                return exe_stub(member.argument)
            case "forwarder":
                return forwarder(member.path.rpartition("/")[2], member.argument)
            case _:
                return None
    except UserError as error:
        raise UserError(f"{member.path}: {error}") from None
