"""Debian packages come from a real apt, here with an archive of one small package on disk."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from tools.errors import UserError
from tools.sample.debian.download import fetch, unpack, version

pytestmark = pytest.mark.skipif(not shutil.which("apt-get"), reason="needs Debian's apt")

CONTROL = """\
Package: sample
Version: 1:1.0-1
Architecture: all
Maintainer: Nobody <nobody@example.org>
Description: a sample
"""
DEB = "sample_1%3a1.0-1_all.deb"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("package")
    content = root / "content"
    (content / "DEBIAN").mkdir(parents=True)
    (content / "DEBIAN/control").write_text(CONTROL)
    (content / "usr/share/sample").mkdir(parents=True)
    (content / "usr/share/sample/text").write_text("hello\n")
    command = ["dpkg-deb", "--build", "--root-owner-group", content, root / "sample.deb"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return root / "sample.deb"


def archive(directory: Path, package: Path, *, sha256: str = "") -> Path:
    """Return the sources.list of an archive that holds ``package``."""
    directory.mkdir()
    shutil.copy(package, directory / "sample.deb")
    digest = sha256 or hashlib.sha256(package.read_bytes()).hexdigest()
    index = f"{CONTROL}Filename: ./sample.deb\nSize: {package.stat().st_size}\nSHA256: {digest}\n"
    (directory / "Packages").write_text(index)
    sources = directory / "sources.list"
    sources.write_text(f"deb [trusted=yes] file:{directory} ./\n")
    return sources


def test_a_package_is_downloaded_into_the_cache(tmp_path: Path, package: Path) -> None:
    sources = archive(tmp_path / "archive", package)
    cache = tmp_path / "cache"
    cache.mkdir()

    found = fetch(["sample"], cache, sources=sources)

    assert found == {"sample": cache / DEB}
    assert found["sample"].read_bytes() == package.read_bytes()
    assert version(found["sample"]) == "1:1.0-1"


def test_a_cached_package_needs_no_archive(tmp_path: Path, package: Path) -> None:
    shutil.copy(package, tmp_path / DEB)

    assert fetch(["sample"], tmp_path, sources=tmp_path / "missing") == {"sample": tmp_path / DEB}


def test_a_package_that_is_not_what_the_index_says_is_refused(tmp_path: Path, package: Path) -> None:
    sources = archive(tmp_path / "archive", package, sha256="0" * 64)
    cache = tmp_path / "cache"
    cache.mkdir()

    with pytest.raises(UserError, match=r"^Debian's ROCm packages cannot be downloaded: .*Failed to fetch"):
        fetch(["sample"], cache, sources=sources)

    assert not list(cache.glob("*.deb"))


def test_a_package_that_the_sources_do_not_know_is_refused(tmp_path: Path, package: Path) -> None:
    sources = archive(tmp_path / "archive", package)
    cache = tmp_path / "cache"
    cache.mkdir()

    with pytest.raises(UserError) as caught:
        fetch(["sample", "other"], cache, sources=sources)

    assert str(caught.value) == (
        "Debian's ROCm packages cannot be downloaded: that needs the network and Debian 12's package sources"
        " (apt-get: E: Unable to locate package other)"
    )
    assert not list(cache.glob("*.deb"))


def test_two_versions_in_the_cache_are_refused(tmp_path: Path) -> None:
    for number in "12":
        (tmp_path / f"sample_{number}_all.deb").touch()

    with pytest.raises(UserError) as caught:
        fetch(["sample"], tmp_path)

    assert str(caught.value) == (
        f"{tmp_path}: sample is there more than once (sample_1_all.deb, sample_2_all.deb); keep one"
    )


def test_a_machine_without_apt_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(UserError) as caught:
        fetch(["sample"], tmp_path)

    assert str(caught.value) == ("apt-get is not on this machine; artifacts of Debian's packages are made on Debian 12")


def test_a_package_is_unpacked_without_installing(tmp_path: Path, package: Path) -> None:
    unpack(package, tmp_path)

    assert [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()] == ["usr/share/sample/text"]


def test_a_damaged_package_is_named(tmp_path: Path, package: Path) -> None:
    damaged = tmp_path / DEB
    damaged.write_bytes(package.read_bytes()[:300])

    with pytest.raises(UserError) as caught:
        unpack(damaged, tmp_path / "out")

    assert str(caught.value).startswith(f"{damaged}: cannot be unpacked (")
    assert str(caught.value).endswith("); remove it and run again")
