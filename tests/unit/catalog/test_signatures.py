from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.catalogs import CONTEXT, artifact_of, directory_of
from tools.artifact.source import LocalSource
from tools.catalog import signatures
from tools.catalog.scan import CatalogRequest, catalog_artifact
from tools.catalog.signatures import changes, is_current, read_signatures, write_signatures
from tools.errors import UserError

BASE = "math-libs/rand/stage"
MakeArtifact = Callable[..., CatalogRequest]
FILES = {"lib/librand.so.1": "library", "lib/librand.so": "->librand.so.1", "share/empty": None, "x/y": "y"}


def _rewrite_within_the_tick(path: Path) -> None:
    before = path.stat()
    path.write_bytes(b"LIBRARY")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "content": (lambda base: (base / "lib/librand.so.1").write_bytes(b"LIBRARY"), "lib/librand.so.1"),
    "content, same size and mtime": (
        lambda base: _rewrite_within_the_tick(base / "lib/librand.so.1"),
        "lib/librand.so.1",
    ),
    "mode": (lambda base: (base / "lib/librand.so.1").chmod(0o755), "lib/librand.so.1"),
    "touch": (lambda base: (base / "x/y").touch(), "x/y"),
    "new file": (lambda base: (base / "lib/new").write_bytes(b""), "lib/new"),
    "file removed": (lambda base: (base / "x/y").unlink(), "x/y"),
    "file renamed": (lambda base: (base / "x/y").rename(base / "x/z"), "x/z"),
    "new empty directory": (lambda base: (base / "x/empty").mkdir(), "x/empty"),
    "empty directory removed": (lambda base: (base / "share/empty").rmdir(), "share/empty"),
    "empty directory filled": (lambda base: (base / "share/empty/a").write_bytes(b""), "share/empty/a"),
    "link moved": (
        lambda base: ((base / "lib/librand.so").unlink(), (base / "lib/librand.so").symlink_to("librand.so.2")),
        "lib/librand.so",
    ),
    "file became a link to itself elsewhere": (
        lambda base: ((base / "x/y").rename(base / "y"), (base / "x/y").symlink_to("../y")),
        "x/y",
    ),
}


def test_nothing_changed(artifact: MakeArtifact) -> None:
    request = artifact(FILES)
    catalog_artifact(request, CONTEXT)

    assert is_current(artifact_of(request), request.signatures)
    assert changes(artifact_of(request), request.signatures) == ()


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_noticed_and_named(artifact: MakeArtifact, change: str) -> None:
    request = artifact(FILES)
    catalog_artifact(request, CONTEXT)
    act, path = CHANGES[change]

    act(directory_of(request) / BASE)

    assert not is_current(artifact_of(request), request.signatures)
    assert f"{BASE}/{path}" in changes(artifact_of(request), request.signatures)


def test_a_new_base_dir_in_the_manifest_is_noticed(artifact: MakeArtifact) -> None:
    request = artifact(FILES)
    catalog_artifact(request, CONTEXT)

    artifact({}, manifest=f"{BASE}\nother/stage\n")

    assert not is_current(artifact_of(request), request.signatures)


def test_an_artifact_that_is_gone_or_was_never_cataloged_is_not_current(artifact: MakeArtifact) -> None:
    request = artifact(FILES)

    assert not is_current(artifact_of(request), request.signatures)
    catalog_artifact(request, CONTEXT)
    directory_of(request).rename(directory_of(request).with_name("elsewhere"))
    assert not is_current(artifact_of(request), request.signatures)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"version":2,"catalog":""}\n[', b"[]\n[]\n"])
def test_damaged_signatures_are_not_current(artifact: MakeArtifact, content: bytes) -> None:
    request = artifact(FILES)
    catalog_artifact(request, CONTEXT)

    request.signatures.write_bytes(content)

    assert not is_current(artifact_of(request), request.signatures)


def test_signatures_of_an_older_version_are_not_current(
    artifact: MakeArtifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = artifact(FILES)
    catalog_artifact(request, CONTEXT)

    monkeypatch.setattr(signatures, "VERSION", signatures.VERSION + 1)

    assert not is_current(artifact_of(request), request.signatures)


def test_a_file_written_again_right_after_the_scan_is_noticed_each_time(artifact: MakeArtifact) -> None:
    """Nothing but the wait in settle() makes this sure: both writes may lie in one tick of the clock."""
    for _ in range(20):
        request = artifact(FILES)
        path = directory_of(request) / BASE / "lib/librand.so.1"
        stamps = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
        catalog_artifact(request, CONTEXT)
        path.write_bytes(b"LIBRARY")
        os.utime(path, ns=stamps)

        assert not is_current(artifact_of(request), request.signatures)
        (directory_of(request) / BASE / "lib/librand.so").unlink()
        (directory_of(request) / BASE / "share/empty").rmdir()


def test_signatures_of_another_catalog_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "signatures"
    write_signatures(path, b"state", b"catalog")

    assert read_signatures(path, b"other catalog") is None
    assert read_signatures(path, b"catalog") == b"state"


def test_changes_needs_signatures(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        changes(LocalSource(tmp_path).open("a"), tmp_path / "none")

    assert str(caught.value) == f"{tmp_path}/none: cannot be read: No such file or directory"


def test_changes_says_that_signatures_are_damaged(tmp_path: Path) -> None:
    (tmp_path / "damaged").write_bytes(b'{"version":2,"catalog":""}\n[1]')

    with pytest.raises(UserError) as caught:
        changes(LocalSource(tmp_path).open("a"), tmp_path / "damaged")

    assert str(caught.value) == (
        f"{tmp_path}/damaged: is damaged (Expected `array`, got `int` - at `$[0]`); remove it and run again"
    )
