from __future__ import annotations

import os
import signal
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.support.bucket import bucket_of
from tests.support.places import ROOT
from tests.support.waiting import wait_until
from tools.build_facts import MODULE, read_facts
from tools.drop_in.build_python_packages import _notes, _parser, _settings
from tools.sample import embedded
from tools.sample.archives import ArchivesRequest, make_archives

SCRIPT = ROOT / "tools" / "drop_in" / "build_python_packages.py"
PLACES = ["--artifact-dir", "/a", "--dest-dir", "/d"]
ALWAYS = ["artifact_dir=/a", "dist_dir=/d/dist", "build_dir=/d/build"]


@pytest.fixture
def called(tmp_path):
    """Return a way to call the script from another directory, with an empty home and no environment to speak of."""
    (tmp_path / "home").mkdir()
    environment = {"PATH": os.defpath, "HOME": str(tmp_path / "home")}

    def call(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, SCRIPT, *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environment | more, capture_output=True, text=True, check=False
        )

    return call


@pytest.mark.parametrize(
    ("arguments", "settings"),
    [
        ([], []),
        (["--version", "10.1.0rc1"], ["version=10.1.0rc1"]),
        (["--no-wheel-compression", "--build-packages"], ["compression_level=1"]),
        (["--linux-amdgpu-families", "gfx94X-dcgpu; gfx120X-all"], ["linux_amdgpu_families=gfx94X-dcgpu,gfx120X-all"]),
        (["--windows-amdgpu-families", "gfx1151,gfx120X-all,"], ["windows_amdgpu_families=gfx1151,gfx120X-all"]),
        (["--linux-amdgpu-families", "", "--windows-amdgpu-families", ";"], []),
        (["--version-suffix", "_x", "--devel-tarball-compression"], []),
    ],
)
def test_options_become_settings(arguments, settings):
    assert list(_settings(_parser().parse_args([*PLACES, *arguments]))) == [*ALWAYS, *settings]


def test_a_url_stays_as_it_is_and_paths_are_of_the_caller(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    options = _parser().parse_args(["--artifact-dir", "s3://bucket/77-linux", "--dest-dir", "out"])

    assert list(_settings(options)) == [
        "artifact_dir=s3://bucket/77-linux",
        f"dist_dir={tmp_path}/out/dist",
        f"build_dir={tmp_path}/out/build",
    ]


def test_the_platform_tag_is_taken_from_where_it_was(monkeypatch):
    monkeypatch.setenv("ROCM_SDK_WHEEL_PLATFORM_TAG", "manylinux_2_28_x86_64")

    assert list(_settings(_parser().parse_args(PLACES))) == [*ALWAYS, "platform_tag=manylinux_2_28_x86_64"]


@pytest.mark.parametrize(
    ("arguments", "note"),
    [
        (
            ["--version-suffix", "_x"],
            "--version-suffix _x changes nothing: no directory of these packages has a suffix",
        ),
        (
            ["--no-devel-tarball-compression"],
            "--devel-tarball-compression changes nothing: the devel package has files, no tarball",
        ),
        (
            ["--no-wheel-compression"],
            "--no-wheel-compression: members are compressed at the quickest level, not stored",
        ),
        (
            ["--no-build-packages"],
            "--no-build-packages: packages have no staging directories; what goes into each is planned in "
            "/d/build/plan",
        ),
    ],
)
def test_what_is_different_is_said(arguments, note):
    assert list(_notes(_parser().parse_args([*PLACES, *arguments]))) == [note]


def test_packages_are_where_they_were_and_are_built_once(called, tmp_path):
    embedded.make_sample(tmp_path / "artifacts", "per-family")
    arguments = ["--artifact-dir", "artifacts", "--dest-dir", "out", "--version", "10.1.0a1"]
    lists = ["--linux-amdgpu-families", "gfx94X-dcgpu;gfx120X-all", "--windows-amdgpu-families", "gfx120X-all,gfx1151"]

    first = called(*arguments, *lists)
    again = called(*arguments, *lists)

    assert (first.returncode, again.returncode) == (0, 0), first.stderr
    assert "wheels: 0 built" in again.stdout
    assert again.stdout.endswith("::: Finished building packages at 'out'\n")
    wheels = sorted(path.name for path in (tmp_path / "out" / "dist").glob("*.whl"))
    assert "rocm_sdk_core-10.1.0a1-py3-none-linux_x86_64.whl" in wheels
    assert all(zipfile.ZipFile(tmp_path / "out" / "dist" / name).testzip() is None for name in wheels)
    with tarfile.open(tmp_path / "out" / "dist" / "rocm-10.1.0a1.tar.gz") as sdist:
        facts = read_facts(sdist.extractfile(f"rocm-10.1.0a1/{MODULE}").read())
    assert facts["extras"]["libraries-gfx1151"] == ['rocm-sdk-libraries-gfx1151==10.1.0a1; sys_platform == "win32"']
    assert facts["extras"]["libraries-gfx120x-all"] == ["rocm-sdk-libraries-gfx120X-all==10.1.0a1"]


@pytest.mark.parametrize("home", ["", "/nonexistent"])
def test_packages_can_be_planned_only(called, tmp_path, home):
    embedded.make_sample(tmp_path / "artifacts", "per-family")

    done = called("--artifact-dir", "artifacts", "--dest-dir", "out", "--no-build-packages", HOME=home)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "build" / "plan" / "generic" / "core.json").is_file()
    assert not (tmp_path / "out" / "dist").exists()


def test_what_fails_ends_with_1(called, tmp_path):
    done = called("--artifact-dir", "nowhere", "--dest-dir", "out")

    assert done.returncode == 1
    assert f"{tmp_path}/nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_call_ends_with_2(called):
    done = called("--artifact-dir", "a")

    assert done.returncode == 2
    assert "the following arguments are required: --dest-dir" in done.stderr


def test_the_script_ends_with_what_it_started(tmp_path):
    embedded.make_sample(tmp_path / "artifacts", "per-family")
    command = [sys.executable, SCRIPT, "--artifact-dir", "artifacts", "--dest-dir", "out"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_until((tmp_path / "out" / "build").exists)
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)

    assert code == 128 + signal.SIGTERM


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    root = tmp_path_factory.mktemp("archives")
    embedded.make_sample(root / "directories", "per-family")
    make_archives(ArchivesRequest(directory=root / "directories", out=root / "77-linux"))
    return root / "77-linux"


def test_archives_are_taken_as_they_were_downloaded_and_from_a_bucket(called, archives, tmp_path):
    version = ["--version", "10.1.0a1"]
    local = called("--artifact-dir", archives, "--dest-dir", "local", *version)
    assert local.returncode == 0, local.stderr

    with bucket_of(archives, tmp_path / "home") as environment:
        remote = called("--artifact-dir", "s3://runs/77-linux", "--dest-dir", "remote", *version, **environment)

    assert remote.returncode == 0, remote.stderr
    assert "bytes fetched" in remote.stdout
    wheels = {path.name: path.read_bytes() for path in (tmp_path / "local/dist").iterdir()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "remote/dist").iterdir()} == wheels
    assert "rocm-10.1.0a1.tar.gz" in wheels
