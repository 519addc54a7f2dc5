from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from tests.support.tars import member, mutated, tar_of
from tools.artifact.form import FORMS, SIDECAR
from tools.artifact.source import LocalSource, Spans
from tools.artifact.span import open_span, read_small
from tools.catalog.scan import CatalogRequest, catalog_artifact
from tools.catalog.signatures import changes, is_current
from tools.errors import InputChanged, UserError
from tools.sample.archives import make_archive
from tools.workers.context import make_context

NAME = "rand_lib_generic"


@pytest.fixture
def artifact(tmp_path) -> Path:
    """Return an artifact with everything that one may hold."""
    directory = tmp_path / "directories" / NAME
    for base in ("one/stage", "two/stage"):
        (directory / base / "lib").mkdir(parents=True)
    (directory / "two/stage/empty/empty").mkdir(parents=True)
    (directory / "two/stage/lib/a.so").write_bytes(b"library" * 400_000)
    (directory / "two/stage/lib/a.so").chmod(0o700)  # as somebody with another umask unpacked it
    shutil.copy("/usr/lib/x86_64-linux-gnu/libz.so.1", directory / "two/stage/lib/libz.so.1")
    (directory / "two/stage/lib/Grüße.txt").write_text("text")
    (directory / "one/stage/nothing").touch()
    os.link(directory / "two/stage/lib/a.so", directory / "one/stage/lib/b.so")
    (directory / "one/stage/lib/c.so").symlink_to("b.so")
    (directory / "artifact_manifest.txt").write_text("two/stage\none/stage\nthree/stage\n")
    return directory


def source_of(artifact: Path, form: str, *, same: bool = False) -> LocalSource:
    directory = artifact.parents[1] / f"archives{form}"
    directory.mkdir(exist_ok=True)
    make_archive(artifact, directory / f"{NAME}{form}", same=same)
    return LocalSource(directory, artifact.parents[1] / "tars")


def cataloged(source: LocalSource, out: Path) -> CatalogRequest:
    request = CatalogRequest(
        artifacts=source, artifact=NAME, catalog=out / "catalog.json", signatures=out / "signatures"
    )
    catalog_artifact(request, make_context())
    return request


@pytest.mark.parametrize("form", FORMS)
def test_the_catalog_of_an_archive_is_that_of_the_directory(artifact, tmp_path, form):
    directory = cataloged(LocalSource(artifact.parent), tmp_path / "a")

    archive = cataloged(source_of(artifact, form), tmp_path / "b")

    assert archive.catalog.read_bytes() == directory.catalog.read_bytes()


@pytest.mark.parametrize("same", [False, True], ids=["order of the disk", "sorted"])
def test_the_catalog_does_not_depend_on_the_order_of_members(artifact, tmp_path, same):
    first = cataloged(source_of(artifact, ".tar"), tmp_path / "a").catalog.read_bytes()

    assert cataloged(source_of(artifact, ".tar.zst", same=same), tmp_path / "b").catalog.read_bytes() == first


def test_an_archive_is_current_until_it_is_touched(artifact, tmp_path):
    source = source_of(artifact, ".tar.zst")
    request = cataloged(source, tmp_path)
    assert is_current(source.open(NAME), request.signatures)
    assert changes(source.open(NAME), request.signatures) == ()

    os.utime(source.directory / f"{NAME}.tar.zst")

    assert not is_current(source.open(NAME), request.signatures)
    assert changes(source.open(NAME), request.signatures) == (f"{NAME}.tar.zst",)


def test_an_archive_is_not_current_when_its_sidecar_changes_or_goes(artifact, tmp_path):
    source = source_of(artifact, ".tar.zst")
    request = cataloged(source, tmp_path)
    sidecar = source.directory / f"{NAME}.tar.zst{SIDECAR}"

    sidecar.write_text("0" * 64)
    assert not is_current(source.open(NAME), request.signatures)

    sidecar.unlink()
    assert not is_current(source.open(NAME), request.signatures)


def test_an_archive_is_known_elsewhere_by_the_digest_beside_it(artifact):
    source = source_of(artifact, ".tar.zst")
    archive = source.open(NAME)

    identity = archive.identity()

    sidecar = source.directory / f"{NAME}.tar.zst{SIDECAR}"
    assert identity.content == sidecar.read_text().split()[0]
    assert (identity.state, identity.is_unverified) == (archive.state(), False)
    assert not archive.is_unpacked(), "nothing of it was read"

    sidecar.unlink()
    assert source.open(NAME).identity() is None
    assert LocalSource(artifact.parent).open(NAME).identity() is None


def test_without_its_tar_an_archive_is_current(artifact, tmp_path):
    source = source_of(artifact, ".tar.zst")
    request = cataloged(source, tmp_path)

    shutil.rmtree(tmp_path / "tars")

    assert is_current(source.open(NAME), request.signatures)
    assert not (tmp_path / "tars").exists()


def test_a_state_of_another_form_means_a_new_look(artifact, tmp_path):
    request = cataloged(LocalSource(artifact.parent), tmp_path / "a")

    assert not is_current(source_of(artifact, ".tar").open(NAME), request.signatures)


@pytest.mark.parametrize("form", FORMS)
def test_spans_of_an_archive_have_the_bytes_of_the_files(artifact, form):
    spans = Spans(source_of(artifact, form))

    for path in ("two/stage/lib/a.so", "one/stage/lib/b.so", "one/stage/nothing", "two/stage/lib/Grüße.txt"):
        content = (artifact / path).read_bytes()
        with open_span(spans.find(f"{NAME}/{path}", len(content))) as file:
            assert file.read() == content


def test_places_are_read_once(artifact, tmp_path, monkeypatch):
    source = source_of(artifact, ".tar")
    cataloged(source, tmp_path)
    monkeypatch.setattr("tools.artifact.plain_tar.read_members", None)

    assert read_small(source.open(NAME).span("two/stage/lib/Grüße.txt", 4)) == b"text"


@pytest.mark.parametrize("content", [b"", b"{", b'{"tar":[1,2,3,4,5,6],"files":{}}'], ids=["empty", "damaged", "other"])
def test_places_of_another_tar_are_not_used(artifact, tmp_path, content):
    source = source_of(artifact, ".tar")
    cataloged(source, tmp_path)
    (tmp_path / "tars" / f"{NAME}.tar.places").write_bytes(content)

    assert read_small(source.open(NAME).span("two/stage/lib/Grüße.txt", 4)) == b"text"


@pytest.mark.parametrize("path", ["two/stage/lib/none", "one/stage/lib/c.so", "two/stage/empty"])
def test_what_is_no_file_of_the_archive_is_not_as_recorded(artifact, path):
    source = source_of(artifact, ".tar")

    with pytest.raises(InputChanged) as caught:
        source.open(NAME).span(path, 4)

    assert str(caught.value) == (
        f"{source.directory}/{NAME}.tar/{path}: is not the file that its catalog recorded: it was changed while the "
        "build ran; run again"
    )
    assert source.open(NAME).find(path) is None


def test_a_touched_archive_with_its_digest_is_not_hashed_again(artifact, tmp_path, monkeypatch):
    source = source_of(artifact, ".tar.zst")
    request = cataloged(source, tmp_path)
    first = request.catalog.read_bytes()
    os.utime(source.directory / f"{NAME}.tar.zst")
    monkeypatch.setattr("tools.catalog.fresh.fingerprint", None)

    cataloged(source, tmp_path)

    assert request.catalog.read_bytes() == first
    assert is_current(source.open(NAME), request.signatures)


def test_an_archive_without_a_digest_is_told(artifact, tmp_path):
    source = source_of(artifact, ".tar.zst")
    request = cataloged(source, tmp_path)
    assert catalog_artifact(request, make_context()) == {}

    (source.directory / f"{NAME}.tar.zst{SIDECAR}").unlink()

    assert catalog_artifact(request, make_context()) == {"unverified": f"{source.directory}/{NAME}.tar.zst"}


def written(tmp_path: Path, *members: bytes) -> LocalSource:
    tmp_path.joinpath("in").mkdir()
    tmp_path.joinpath("in", f"{NAME}.tar").write_bytes(tar_of(*members))
    return LocalSource(tmp_path / "in", tmp_path / "tars")


MANIFEST = member("artifact_manifest.txt", b"stage\n")


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        (
            [member("stage/x", b"")],
            ": has no artifact_manifest.txt; every artifact has this file, with one relative base dir a line",
        ),
        (
            [MANIFEST, member("stage/a\nb", b""), member("stage/c", b"")],
            ": names must be UTF-8 without control characters or backslashes, each part at most 255 bytes: "
            "'stage/a\\nb'",
        ),
        (
            [MANIFEST, member("elsewhere/x", b""), member("stage/c", b"")],
            ": files lie outside the base dirs that artifact_manifest.txt lists: elsewhere/x; list theirs there",
        ),
        (
            [MANIFEST, member("../x", b"")],
            ": paths must be relative, without empty parts, . or ..: '../x'; it must be made again",
        ),
        (
            [member("artifact_manifest.txt", b"/etc\n")],
            "/artifact_manifest.txt: base dirs must be plain relative paths inside the artifact, not '/etc'",
        ),
    ],
    ids=["no manifest", "name", "stray", "escape", "base dir"],
)
def test_what_cannot_be_packaged_is_a_sentence(tmp_path, members, problem):
    source = written(tmp_path, *members)

    with pytest.raises(UserError) as caught:
        source.open(NAME).scan()

    assert str(caught.value) == f"{tmp_path}/in/{NAME}.tar{problem}"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("count", [200, pytest.param(33_400, marks=pytest.mark.slow)], ids=["some", "very many"])
def test_a_mutated_archive_is_cataloged_or_refused_and_never_passes_its_digest(
    artifact, tmp_path, monkeypatch, form, count
):
    (artifact / "two/stage/lib/a.so").write_bytes(b"library" * 40)  # so that headers are hit
    source, chance = source_of(artifact, form, same=True), random.Random(17)
    archive = source.directory / f"{NAME}{form}"
    whole, sidecar = archive.read_bytes(), archive.with_name(f"{archive.name}{SIDECAR}")
    digest = sidecar.read_bytes()
    monkeypatch.setattr("tools.artifact.unpack.settle", lambda rows: 0)
    context, refused, request = make_context(), 0, cataloged(source, tmp_path / "out")
    before = sorted(tmp_path.rglob("*"))

    for number in range(count):
        content = mutated(whole, chance, changes=chance.choice([1, 1, 2, 5]))
        if content == whole:
            continue
        archive.write_bytes(content)
        if has_digest := number % 2:
            sidecar.write_bytes(digest)
        else:
            sidecar.unlink(missing_ok=True)
        try:
            catalog_artifact(request, context)
        except UserError:
            refused += 1
        else:
            assert not has_digest, number

    assert refused >= count // 2
    assert set(tmp_path.rglob("*")) <= {*before, *(tmp_path / "tars").rglob("*"), sidecar}
