from __future__ import annotations

import hashlib
import os
import shutil
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.catalogs import CONTEXT, directory_of
from tools.artifact import directory_scan
from tools.artifact.names import unfit
from tools.artifact.source import LocalSource
from tools.artifact.span import Span
from tools.artifact.walk import Row, walk
from tools.catalog import fresh
from tools.catalog.model import Catalog, Entry
from tools.catalog.scan import CatalogRequest, catalog_artifact
from tools.errors import InputChanged, UserError
from tools.sample.embedded.code_object import code_object
from tools.workers.kept import SMALL, Kept

BASE = "math-libs/rand/stage"
MakeArtifact = Callable[..., CatalogRequest]
Cataloged = Callable[[CatalogRequest], Catalog]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list to which the path of every file whose bytes are read is added."""
    paths: list[str] = []
    fingerprint = fresh.fingerprint

    def spy(span: Span, kept: Kept | None = None) -> object:
        paths.append(span.file.partition(f"{BASE}/")[2])
        return fingerprint(span, kept)

    monkeypatch.setattr(fresh, "fingerprint", spy)
    return paths


def _file(path: str, content: bytes, mode: int = 0o644, **facts: object) -> Entry:
    return Entry(
        path=path,
        base=0,
        kind="file",
        mode=mode,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        crc32=zlib.crc32(content),
        **facts,  # type: ignore[arg-type]
    )


def test_a_catalog_holds_every_path_and_what_it_is(artifact: MakeArtifact, cataloged: Cataloged) -> None:
    request = artifact(
        {
            "lib/librand.so": "->librand.so.1",
            "lib/gone.so": "->gone.so.1",
            "lib/loop": "->loop",
            "lib64": "->lib",
            "bin/tool": "#!/bin/sh\n",
            ".info/version": "10.1.0\n",
            "lib/kernels.co": b"data",
            "share/empty": None,
        }
    )
    (directory_of(request) / BASE / "bin/tool").chmod(0o4755)
    (directory_of(request) / BASE / ".info/version").chmod(0o444)
    (directory_of(request) / BASE / "lib/kernels.co").chmod(0o644)

    catalog = cataloged(request)

    assert catalog == Catalog(
        artifact="rand_lib_generic",
        base_dirs=(BASE,),
        entries=(
            _file(".info/version", b"10.1.0\n", mode=0o644),
            _file("bin/tool", b"#!/bin/sh\n", mode=0o755, script=True),
            Entry(path="lib/gone.so", base=0, kind="link", target="gone.so.1"),
            _file("lib/kernels.co", b"data"),
            Entry(path="lib/librand.so", base=0, kind="link", target="librand.so.1"),
            Entry(path="lib/loop", base=0, kind="link", target="loop"),
            Entry(path="lib64", base=0, kind="link", target="lib"),
            Entry(path="share/empty", base=0, kind="dir"),
        ),
    )


def test_a_link_target_is_kept_as_it_is_stored(artifact: MakeArtifact, cataloged: Cataloged) -> None:
    request = artifact({"a": "->./b//../c/", "b": "->/opt/rocm"})

    assert [entry.target for entry in cataloged(request).entries] == ["./b//../c/", "/opt/rocm"]


def test_entries_are_in_order_of_path_then_base_dir(artifact: MakeArtifact, cataloged: Cataloged) -> None:
    request = artifact({"lib/b": "1"}, manifest=f"z/stage\n{BASE}\nnone/stage\n")
    other = directory_of(request) / "z/stage/lib"
    other.mkdir(parents=True)
    for name in ("a", "b"):
        (other / name).write_bytes(b"2")

    catalog = cataloged(request)

    assert catalog.base_dirs == ("z/stage", BASE, "none/stage")
    assert [(entry.path, entry.base) for entry in catalog.entries] == [("lib/a", 0), ("lib/b", 0), ("lib/b", 1)]


def test_facts_of_elf_files_are_in_the_catalog(artifact: MakeArtifact, cataloged: Cataloged) -> None:
    (entry,) = cataloged(artifact({"lib/kernels.hsaco": code_object("gfx942", "gemm")})).entries

    assert entry.elf is not None
    assert (entry.elf.machine, entry.elf.soname) == (224, "gemm.gfx942")


def test_a_second_run_reads_nothing_and_leaves_both_files_alone(artifact: MakeArtifact, read: list[str]) -> None:
    request = artifact({"a": "1", "b": "2"})
    catalog_artifact(request, CONTEXT)
    before = [path.stat().st_ctime_ns for path in (request.catalog, request.signatures)]
    read.clear()

    catalog_artifact(request, CONTEXT)

    assert read == []
    assert [path.stat().st_ctime_ns for path in (request.catalog, request.signatures)] == before


def test_only_the_changed_file_is_read_again(artifact: MakeArtifact, cataloged: Cataloged, read: list[str]) -> None:
    request = artifact({"a": "1", "b": "2", "c": "->a"})
    catalog_artifact(request, CONTEXT)
    read.clear()

    (directory_of(request) / BASE / "b").write_bytes(b"changed")
    catalog = cataloged(request)

    assert read == ["b"]
    assert catalog.entries[1] == _file("b", b"changed")


def test_a_touch_leaves_the_catalog_alone(artifact: MakeArtifact, read: list[str]) -> None:
    request = artifact({"a": "1"})
    catalog_artifact(request, CONTEXT)
    before = request.catalog.stat().st_ctime_ns
    read.clear()

    (directory_of(request) / BASE / "a").touch()
    catalog_artifact(request, CONTEXT)

    assert read == ["a"]
    assert request.catalog.stat().st_ctime_ns == before


def test_hard_links_are_read_once(artifact: MakeArtifact, cataloged: Cataloged, read: list[str]) -> None:
    request = artifact({"lib/librand.so.1": "library"})
    base = directory_of(request) / BASE
    (base / "lib/librand.so").hardlink_to(base / "lib/librand.so.1")

    catalog = cataloged(request)

    assert read == ["lib/librand.so"]
    assert catalog.entries == (_file("lib/librand.so", b"library"), _file("lib/librand.so.1", b"library"))


@pytest.mark.parametrize("damage", ["catalog changed", "catalog gone", "signatures gone", "signatures damaged"])
def test_what_does_not_match_is_not_trusted(artifact: MakeArtifact, damage: str) -> None:
    request = artifact({"a": "1"})
    catalog_artifact(request, CONTEXT)
    good = request.catalog.read_bytes(), request.signatures.read_bytes()

    match damage:
        case "catalog changed":
            request.catalog.write_bytes(good[0].replace(b'"a"', b'"b"'))
        case "catalog gone":
            request.catalog.unlink()
        case "signatures gone":
            request.signatures.unlink()
        case _:
            request.signatures.write_bytes(good[1][:-5])
    catalog_artifact(request, CONTEXT)

    assert (request.catalog.read_bytes(), request.signatures.read_bytes()) == good


def test_the_same_tree_elsewhere_gives_the_same_bytes(artifact: MakeArtifact, tmp_path: Path) -> None:
    request = artifact({"b/2": "2", "a/1": "1", "c": "->a/1", "e": None})
    copy = tmp_path / "other" / request.artifact
    shutil.copytree(directory_of(request), copy, symlinks=True)
    other = replace(request, artifacts=LocalSource(copy.parent), catalog=tmp_path / "c", signatures=tmp_path / "s")

    catalog_artifact(request, CONTEXT)
    catalog_artifact(other, CONTEXT)

    assert other.catalog.read_bytes() == request.catalog.read_bytes()


def test_an_artifact_is_never_written_to(artifact: MakeArtifact) -> None:
    request = artifact({"a/1": "1", "c": "->a/1"})
    before = walk(directory_of(request)).rows, directory_of(request).stat().st_mtime_ns

    catalog_artifact(request, CONTEXT)

    assert (walk(directory_of(request)).rows, directory_of(request).stat().st_mtime_ns) == before


def test_special_files_are_refused_and_nothing_is_written(artifact: MakeArtifact) -> None:
    request = artifact({"a": "1"})
    os.mkfifo(directory_of(request) / BASE / "pipe")

    with pytest.raises(UserError) as caught:
        catalog_artifact(request, CONTEXT)

    assert str(caught.value) == (
        f"{directory_of(request)}: FIFOs, sockets and devices cannot be packaged: {BASE}/pipe; remove them"
    )
    assert not request.catalog.exists()
    assert not request.signatures.exists()


def test_damaged_elf_files_are_all_named(artifact: MakeArtifact) -> None:
    truncated = code_object("gfx942", "gemm")[:300]
    request = artifact({"b.co": truncated, "a.co": truncated, "good.co": code_object("gfx942", "gemm")})

    with pytest.raises(UserError) as caught:
        catalog_artifact(request, CONTEXT)

    said = "is a truncated ELF file: 300 bytes, its headers tell of 768"
    assert str(caught.value) == (
        f"{directory_of(request)}: ELF files must be built again: {BASE}/a.co {said}, {BASE}/b.co {said}"
    )


def test_link_targets_that_are_not_text_are_refused(artifact: MakeArtifact) -> None:
    request = artifact({"a": "->x\ny"})
    os.symlink(b"\xff", os.fsencode(directory_of(request) / BASE / "b"))  # noqa: PTH211

    with pytest.raises(UserError) as caught:
        catalog_artifact(request, CONTEXT)

    assert str(caught.value) == (
        f"{directory_of(request)}: link targets must be UTF-8 without control characters or backslashes: "
        rf"{BASE}/a -> 'x\ny', {BASE}/b -> '\udcff'"
    )


def test_unreadable_files_are_all_named(without_privileges: Callable[[], AbstractContextManager[None]]) -> None:
    with TemporaryDirectory() as name:  # tmp_path is root's alone
        root = Path(name)
        root.chmod(0o755)
        (root / "a/stage").mkdir(parents=True)
        (root / "artifact_manifest.txt").write_text("a/stage\n", encoding="utf-8")
        for file in ("x", "y", "z"):
            (root / "a/stage" / file).write_bytes(b"1")
            (root / "a/stage" / file).chmod(0o644 if file == "y" else 0)
        source = LocalSource(root.parent)
        request = CatalogRequest(artifacts=source, artifact=root.name, catalog=root / "c", signatures=root / "s")

        with without_privileges(), pytest.raises(UserError) as caught:
            catalog_artifact(request, CONTEXT)

    assert str(caught.value) == (
        f"{root}: files cannot be read: a/stage/x (Permission denied), a/stage/z (Permission denied)"
    )


def test_a_file_that_changes_meanwhile_stops_the_scan(artifact: MakeArtifact, monkeypatch: pytest.MonkeyPatch) -> None:
    request = artifact({"a": "1"})
    settle = directory_scan.settle

    def settle_and_write(rows: list[Row]) -> int:
        moment = settle(rows)
        (directory_of(request) / BASE / "a").write_bytes(b"2")
        return moment

    monkeypatch.setattr(directory_scan, "settle", settle_and_write)

    with pytest.raises(InputChanged) as caught:
        catalog_artifact(request, CONTEXT)
    assert str(caught.value) == (
        f"{directory_of(request)}/{BASE}/a: changed while it was read; run again when nothing writes to it"
    )
    assert not request.catalog.exists()


def test_a_link_that_is_gone_meanwhile_stops_the_scan(artifact: MakeArtifact, monkeypatch: pytest.MonkeyPatch) -> None:
    request = artifact({"a": "->b"})
    monkeypatch.setattr(directory_scan, "settle", lambda _: (directory_of(request) / BASE / "a").unlink() or 0)

    with pytest.raises(InputChanged) as caught:
        catalog_artifact(request, CONTEXT)
    assert str(caught.value) == (
        f"{directory_of(request)}/{BASE}/a: changed while it was read; run again when nothing writes to it"
    )


def test_modes_are_those_of_a_wheel(artifact: MakeArtifact, cataloged: Cataloged) -> None:
    request = artifact({"a": "1", "b": "2", "c": "3", "d": "4"})
    for name, mode in {"a": 0o600, "b": 0o755, "c": 0o610, "d": 0o2645}.items():
        (directory_of(request) / BASE / name).chmod(mode)

    assert [entry.mode for entry in cataloged(request).entries] == [0o644, 0o755, 0o755, 0o755]


def test_a_mode_that_a_wheel_cannot_tell_leaves_the_catalog_alone(artifact: MakeArtifact) -> None:
    request = artifact({"a": "1"})
    catalog_artifact(request, CONTEXT)
    before = request.catalog.stat().st_ctime_ns

    (directory_of(request) / BASE / "a").chmod(0o640)
    catalog_artifact(request, CONTEXT)

    assert request.catalog.stat().st_ctime_ns == before


TEXTS = {".info/version": "10.1.0\n", "share/therock/therock_manifest.json": "{}"}


def test_the_texts_of_the_base_artifact_are_in_its_catalog(artifact: MakeArtifact, cataloged: Cataloged) -> None:
    base = _as_base(artifact({**TEXTS, "share/other.json": "{}"}))

    assert cataloged(base).texts == TEXTS


def test_other_artifacts_have_no_texts(artifact: MakeArtifact, cataloged: Cataloged) -> None:
    assert cataloged(artifact(TEXTS)).texts == {}


def test_the_text_in_the_first_base_dir_of_the_manifest_counts(artifact: MakeArtifact, cataloged: Cataloged) -> None:
    base = _as_base(artifact({".info/version": "2"}, manifest=f"z/stage\n{BASE}\n"))
    first = directory_of(base) / "z/stage/.info/version"
    first.parent.mkdir(parents=True)
    first.write_text("1")

    assert cataloged(base).texts == {".info/version": "1"}


@pytest.mark.parametrize("content", [b"\xff", bytes((1 << 20) + 1), "->elsewhere"], ids=["no text", "large", "link"])
def test_what_is_no_small_text_is_left_out(artifact: MakeArtifact, cataloged: Cataloged, content: bytes | str) -> None:
    assert cataloged(_as_base(artifact({".info/version": content, "elsewhere": "1"}))).texts == {}


def test_a_text_that_did_not_change_stays_when_others_do(artifact: MakeArtifact, cataloged: Cataloged) -> None:
    base = _as_base(artifact({**TEXTS, "a": "1"}))
    cataloged(base)

    (directory_of(base) / BASE / "a").write_text("2")

    assert cataloged(base).texts == TEXTS


def _as_base(request: CatalogRequest) -> CatalogRequest:
    base = replace(request, artifact="base_lib_generic")
    directory_of(request).rename(directory_of(base))
    return base


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.sets(st.binary(min_size=1, max_size=12), min_size=1, max_size=4))
def test_hostile_names_are_cataloged_as_they_are_or_refused(
    artifact: MakeArtifact, cataloged: Cataloged, names: set[bytes]
) -> None:
    request = artifact({})
    base = directory_of(request) / BASE
    shutil.rmtree(base, ignore_errors=True)
    base.mkdir(parents=True)
    for name in names:
        with suppress(OSError, ValueError):  # "/", NUL, "." and ".."
            Path(os.fsdecode(os.fsencode(base) + b"/" + name)).write_bytes(b"")
    made = os.listdir(base)  # noqa: PTH208

    if bad := unfit(made):
        with pytest.raises(UserError) as caught:
            catalog_artifact(request, CONTEXT)
        assert all(repr(f"{BASE}/{name}") in str(caught.value) for name in bad)
    else:
        assert {entry.path for entry in cataloged(request).entries} == set(made)


def test_small_files_are_kept_for_the_step_that_compresses_them(artifact: MakeArtifact, cataloged: Cataloged) -> None:
    small, _ = cataloged(artifact({"a": "small", "b": bytes(SMALL + 1)})).entries

    assert CONTEXT.kept.take(small.sha256) == b"small"
    assert CONTEXT.kept.take(hashlib.sha256(bytes(SMALL + 1)).hexdigest()) is None


def test_a_file_that_is_read_again_is_not_kept(artifact: MakeArtifact, cataloged: Cataloged) -> None:
    """Most often it was only touched, and is compressed already."""
    request = artifact({"a": "1", "b": "2"})
    cataloged(request)
    assert CONTEXT.kept.take(hashlib.sha256(b"1").hexdigest()) == b"1"
    os.utime(directory_of(request) / BASE / "a")

    entry, _ = cataloged(request).entries

    assert CONTEXT.kept.take(entry.sha256) is None
