"""The wheels against the plans and catalogs that they were made from."""

from __future__ import annotations

import hashlib

import pytest

from tests.support.contracts import plan_of
from tests.support.elf_facts import elf
from tests.support.read_wheels import content, told, wheel
from tools.plan.model import Member
from tools.values import write_json
from tools.verify.installed import Installed
from tools.verify.source import check_built, check_source, read_plans

INFO = "rocm_sdk_core-1.0.dist-info"
TEXT = b"text"
COPY = Member(path="_p/a", kind="copy", mode=0o644, source="a/b/a", sha256=hashlib.sha256(TEXT).hexdigest(), size=4)
ELF = Member(path="_p/x.so", kind="rpath", mode=0o755, source="a/b/x.so", argument="$ORIGIN")
FORWARDER = Member(path="_p/f.so", kind="forwarder", mode=0o644, argument="f.so.1")
STUB = Member(path="_p/bin/s", kind="stub", mode=0o755, argument="../lib/t")
SOURCES = {"a/b/x.so": elf("x.so", "libc.so.6")}


def problems(members: list[Member], **files: object) -> list[str]:
    subject = wheel("core", {path.replace("__", "/"): data for path, data in files.items()})  # type: ignore[misc]
    return told(check_source(subject, plan_of(*members), SOURCES, Installed([subject])))


def test_what_was_planned_is_fine():
    files = {
        "_p/a": TEXT,
        "_p/x.so": content(elf("x.so", "libc.so.6", rpath="$ORIGIN"), 0o755),
        "_p/f.so": content(elf("f.so", "f.so.1")),
        f"{INFO}/RECORD": b"",
    }

    assert problems([COPY, ELF, FORWARDER], **files) == []


@pytest.mark.parametrize(
    ("member", "files", "problem"),
    [
        (COPY, {}, "is planned and not in the wheel: _p/a"),
        (COPY, {"_p/a": TEXT, "_p/b": b""}, "is in the wheel and not planned: _p/b"),
        (COPY, {"_p/a": b"other"}, "is not the file that was planned: another sha256: _p/a"),
        (COPY, {"_p/a": content(TEXT, 0o755)}, "has another mode than planned: _p/a"),
        (ELF, {"_p/x.so": content(b"x", 0o755)}, "is planned as an ELF file and is none: _p/x.so"),
        (
            ELF,
            {"_p/x.so": content(elf("x.so", "libc.so.6", rpath="$ORIGIN/.."), 0o755)},
            "has another RPATH than planned: _p/x.so",
        ),
        (
            ELF,
            {"_p/x.so": content(elf("x.so", "libm.so.6", rpath="$ORIGIN"), 0o755)},
            "has other NEEDED entries than its source: _p/x.so",
        ),
        (
            ELF,
            {"_p/x.so": content(elf("y.so", "libc.so.6", rpath="$ORIGIN"), 0o755)},
            "has another SONAME than its source: _p/x.so",
        ),
        (
            FORWARDER,
            {"_p/f.so": content(elf("f.so", "g.so.1"))},
            "is no forwarder to the library that was planned: _p/f.so",
        ),
        (
            STUB,
            {"_p/bin/s": content(elf(None), 0o755)},
            "starts a program that is not there: _p/bin/s (_p/lib/t)",
        ),
    ],
)
def test_what_differs_from_the_plan(member, files, problem):
    assert problems([member], **files) == [f"error: source: {problem}"]


def test_plans_are_read_and_what_lies_beside_them_is_not(tmp_path):
    write_json(tmp_path / "plan/generic/core.json", plan_of(COPY))
    for name in ("report.json", "tree.json", "provenance.json"):
        (tmp_path / "plan/generic" / name).write_text("no plan")

    assert list(read_plans(tmp_path)) == ["rocm_sdk_core-1.0-py3-none-linux_x86_64.whl"]


def test_a_file_that_is_not_the_built_one(tmp_path):
    write_json(tmp_path / "wheel/generic/core/receipt.json", {"filename": "core.whl", "sha256": "1"})

    assert told(check_built(tmp_path, {"core.whl": "2"})) == [
        "error: source: has another sha256 than its receipt; remove both and build again: "
        "wheel/generic/core/receipt.json"
    ]
    assert told(check_built(tmp_path, {"core.whl": "1"})) == []
