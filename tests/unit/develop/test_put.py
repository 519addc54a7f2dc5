"""Files put into an environment: whole, with the modes of an installer, and checked against their plan."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tools.artifact.source import LocalSource, Spans
from tools.develop.model import Item
from tools.develop.put import SMALL, Putter
from tools.errors import InputChanged, UserError
from tools.plan.model import Member
from tools.workers.context import make_context

ARTIFACT = "a_lib_generic/stage"


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    (tmp_path / "artifacts" / ARTIFACT).mkdir(parents=True)
    return tmp_path / "artifacts"


@pytest.fixture
def make_putter(environment, artifacts, tmp_path):
    def make(link="copy") -> Putter:
        parts = tmp_path / "parts"
        parts.mkdir(exist_ok=True)
        return Putter(environment, parts, Spans(LocalSource(artifacts)), make_context(), link)

    return make


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


def text(path: str, content: bytes, *, executable: bool = False) -> Item:
    return Item(path, executable, sha256(content).hexdigest(), len(content), None, content)


def copied(artifacts: Path, name: str, content: bytes, path: str = "p/file") -> Item:
    (artifacts / ARTIFACT / name).write_bytes(content)
    key = sha256(content).hexdigest()
    member = Member(
        path=path,
        kind="copy",
        mode=0o644,
        source=f"{ARTIFACT}/{name}",
        size=len(content),
        sha256=key,
        crc32=zlib.crc32(content),
    )
    return Item(path, False, key, len(content), member)


def put(putter: Putter, *items: Item) -> dict:
    return {item.path: held for item, held in putter.put_all(items)}


@pytest.mark.parametrize("size", [0, 10, SMALL, 3 << 20], ids=["empty", "small", "by the kernel", "by the pool"])
def test_a_copy_has_the_bytes_of_its_source(size, make_putter, environment, artifacts):
    content = os.urandom(size)

    held = put(make_putter(), copied(artifacts, "source", content))["p/file"]

    assert (environment.site / "p/file").read_bytes() == content
    status = (environment.site / "p/file").stat()
    assert held.stamp == (size, status.st_mtime_ns, status.st_ino)


@pytest.mark.parametrize("size", [10, SMALL], ids=["small", "by the kernel"])
def test_a_source_that_is_not_what_its_plan_says_is_refused(size, make_putter, environment, artifacts):
    item = copied(artifacts, "source", b"a" * size)
    source = artifacts / ARTIFACT / "source"
    source.write_bytes(b"b" * size)

    with pytest.raises(InputChanged) as caught:
        put(make_putter(), item)

    assert str(caught.value) == (
        f"{source}: is not the file that its catalog recorded: it was changed while the build ran; run again"
    )
    assert not (environment.site / "p/file").exists()


def test_modes_are_those_that_pip_gives(umask, make_putter, environment):
    put(make_putter(), text("data", b""), text("../../../bin/program", b"", executable=True))

    assert (environment.site / "data").stat().st_mode & 0o777 == 0o600
    assert (environment.scripts / "program").stat().st_mode & 0o777 == 0o711


def test_byte_code_of_what_was_there_goes(make_putter, environment):
    cache = environment.site / "p/__pycache__"
    cache.mkdir(parents=True)
    for name in ("a.cpython-311.pyc", "a.cpython-312.opt-1.pyc", "ab.cpython-311.pyc"):
        (cache / name).touch()

    put(make_putter(), text("p/a.py", b"pass"))

    assert [path.name for path in cache.iterdir()] == ["ab.cpython-311.pyc"]


def test_a_hard_link_is_another_name_of_the_source(make_putter, environment, artifacts):
    item = copied(artifacts, "source", b"content")

    put(make_putter("hard"), item)

    assert (environment.site / "p/file").samefile(artifacts / ARTIFACT / "source")


@pytest.mark.parametrize(("path", "mode"), [("p/module.py", 0o644), ("p/file", 0o664)], ids=["Python", "another mode"])
def test_what_cannot_be_a_hard_link_is_copied(path, mode, make_putter, environment, artifacts):
    item = copied(artifacts, "source", b"content", path)
    (artifacts / ARTIFACT / "source").chmod(mode)

    put(make_putter("hard"), item)

    assert (environment.site / path).read_bytes() == b"content"
    assert not (environment.site / path).samefile(artifacts / ARTIFACT / "source")


def test_no_rights_are_a_sentence(make_putter, environment, without_privileges):
    environment.site.chmod(0o555)
    putter = make_putter()

    with without_privileges(), pytest.raises(UserError) as caught:
        put(putter, text("p/file", b""))

    assert str(caught.value) == (
        f"{environment.site}/p: cannot be written: Permission denied; put that right and run again"
    )
