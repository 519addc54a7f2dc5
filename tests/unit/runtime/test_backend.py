"""The rocm sdist's own build backend: what the wheel holds and asks for, and that its bytes are reproducible."""

from __future__ import annotations

import base64
import csv
import email
import hashlib
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support import small_rocm

CALL = "import sys, json, _rocm_backend as b; print(json.dumps(getattr(b, sys.argv[1])(*sys.argv[2:])))"


def call(sdist: Path, hook: str, *arguments: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Call a hook as a build frontend does: in a process of its own, in the sdist's directory."""
    return subprocess.run(
        [sys.executable, "-c", CALL, hook, *map(str, arguments)],
        cwd=sdist,
        env=small_rocm.environment(sdist, **variables),
        capture_output=True,
        text=True,
        check=False,
    )


def build(sdist: Path, directory: Path, **variables: str) -> Path:
    directory.mkdir(exist_ok=True)
    done = call(sdist, "build_wheel", directory, **variables)
    assert done.returncode == 0, done.stderr
    return directory / json.loads(done.stdout)


def metadata(wheel: Path) -> Mapping[str, str]:
    with zipfile.ZipFile(wheel) as archive:
        return email.message_from_bytes(archive.read("rocm-10.1.0.dist-info/METADATA"))


def requirements(wheel: Path, extra: str) -> list[str]:
    fields = metadata(wheel).get_all("Requires-Dist", [])
    return [field.partition(" ;")[0] for field in fields if field.endswith(f'extra == "{extra}"')]


@pytest.fixture
def sdist(tmp_path: Path) -> Path:
    return small_rocm.sdist_tree(tmp_path / "rocm-10.1.0")


def test_the_wheel_holds_the_package_and_its_record(sdist: Path, tmp_path: Path) -> None:
    wheel = build(sdist, tmp_path / "out")

    assert wheel.name == "rocm-10.1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        rows = list(csv.reader(archive.read("rocm-10.1.0.dist-info/RECORD").decode().splitlines()))
        for path, digest, size in rows[:-1]:
            content = archive.read(path)
            expected = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            assert (digest, size) == (f"sha256={expected}", str(len(content)))
    assert [row[0] for row in rows] == names
    assert rows[-1] == ["rocm-10.1.0.dist-info/RECORD", "", ""]
    assert {"rocm_sdk/__init__.py", "rocm_sdk/_build_facts.py", "rocm-10.1.0.dist-info/licenses/LICENSE"} < set(names)
    assert not [name for name in names if "pycache" in name]


def test_static_fields_and_text_are_taken_over(sdist: Path, tmp_path: Path) -> None:
    fields = metadata(build(sdist, tmp_path / "out"))

    assert fields["Metadata-Version"] == "2.2"
    assert fields["Summary"] == "ROCm for Python"
    assert fields["Dynamic"] is None
    assert fields.get_payload() == "# rocm\n\nRequires-Dist: this is text, not a header\n"


def test_explicit_extras_are_always_offered(sdist: Path, tmp_path: Path) -> None:
    wheel = build(sdist, tmp_path / "out")

    assert metadata(wheel).get_all("Provides-Extra") == [
        "devel-gfx120x-all",
        "devel-gfx94x-dcgpu",
        "libraries-gfx120x-all",
        "libraries-gfx94x-dcgpu",
    ]
    assert metadata(wheel).get_all("Requires-Dist")[0] == "rocm-sdk-core==10.1.0"
    assert requirements(wheel, "devel-gfx94x-dcgpu") == ["rocm-sdk-devel-gfx94X-dcgpu==10.1.0"]


def test_the_variable_adds_the_extras_without_a_family(sdist: Path, tmp_path: Path) -> None:
    wheel = build(sdist, tmp_path / "out", ROCM_SDK_TARGET_FAMILY="gfx94x-dcgpu")

    assert requirements(wheel, "libraries") == ["rocm-sdk-libraries-gfx94X-dcgpu==10.1.0"]
    assert requirements(wheel, "devel") == ["rocm-sdk-devel-gfx94X-dcgpu==10.1.0"]


def test_the_gpu_found_adds_them_too(sdist: Path, tmp_path: Path) -> None:
    wheel = build(sdist, tmp_path / "out", ROCM_BOOTSTRAP_FORCE_GFX_ARCH="gfx1201")

    assert requirements(wheel, "libraries") == ["rocm-sdk-libraries-gfx120X-all==10.1.0"]


def test_several_targets_are_installed_side_by_side_where_packages_are_split(tmp_path: Path) -> None:
    devices = {target: [f"rocm-sdk-device-{target}==10.1.0"] for target in ("gfx1201", "gfx942")}
    facts = small_rocm.build_facts(
        layout="kpack-split",
        families=["gfx1201", "gfx942"],
        extras={"libraries": ["rocm-sdk-libraries==10.1.0"]},
        chosen_extras={"device": devices},
    )
    sdist = small_rocm.sdist_tree(tmp_path / "rocm-10.1.0", facts)

    wheel = build(sdist, tmp_path / "out", ROCM_BOOTSTRAP_FORCE_GFX_ARCH="gfx942,gfx1201")

    assert requirements(wheel, "device") == ["rocm-sdk-device-gfx942==10.1.0", "rocm-sdk-device-gfx1201==10.1.0"]
    assert requirements(wheel, "libraries") == ["rocm-sdk-libraries==10.1.0"]


def test_a_marker_of_a_requirement_is_kept(tmp_path: Path) -> None:
    marked = ["rocm-profiler==10.1.0 ; sys_platform == 'linux' or sys_platform == 'x'"]
    sdist = small_rocm.sdist_tree(tmp_path / "rocm-10.1.0", small_rocm.build_facts(extras={"profiler": marked}))

    assert metadata(build(sdist, tmp_path / "out")).get_all("Requires-Dist")[1:] == [
        "rocm-profiler==10.1.0 ; (sys_platform == 'linux' or sys_platform == 'x') and extra == \"profiler\""
    ]


@pytest.mark.parametrize("hook", ["get_requires_for_build_wheel", "build_wheel", "prepare_metadata_for_build_wheel"])
def test_a_wrong_variable_is_one_sentence(sdist: Path, tmp_path: Path, hook: str) -> None:
    arguments = [] if hook.startswith("get") else [tmp_path]

    done = call(sdist, hook, *arguments, ROCM_SDK_TARGET_FAMILY="gfx90X")

    assert done.returncode == 1
    assert done.stderr == (
        "error: ROCM_SDK_TARGET_FAMILY: 'gfx90X' is no family of rocm 10.1.0; use one of gfx120X-all, gfx94X-dcgpu\n"
    )


@pytest.mark.parametrize(
    ("bootstrap", "variables", "families", "asked"),
    [
        pytest.param("rocm-bootstrap==0.3.0", {}, None, ["rocm-bootstrap==0.3.0"], id="a GPU decides"),
        pytest.param(None, {}, None, [], id="not in the distribution directory"),
        pytest.param("rocm-bootstrap==0.3.0", {"ROCM_SDK_TARGET_FAMILY": "gfx942"}, None, [], id="variable set"),
        pytest.param("rocm-bootstrap==0.3.0", {}, ["gfx120X-all"], [], id="one family"),
    ],
)
def test_detection_is_asked_for_only_when_it_decides_and_can_be_had(
    tmp_path: Path, bootstrap: str | None, variables: dict[str, str], families: list[str] | None, asked: list[str]
) -> None:
    changes: dict[str, object] = {"bootstrap": bootstrap}
    if families is not None:
        changes["families"] = families
    sdist = small_rocm.sdist_tree(tmp_path / "rocm", small_rocm.build_facts(**changes))

    assert json.loads(call(sdist, "get_requires_for_build_wheel", **variables).stdout) == asked


def test_rocm_bootstrap_is_used_when_it_is_there(sdist: Path, tmp_path: Path) -> None:
    (sdist / "rocm_bootstrap.py").write_text(
        "class Target: name = 'gfx1200'\ndef detect_gfx_targets(): return [Target()]\n", "utf-8"
    )

    wheel = build(sdist, tmp_path / "out", ROCM_BOOTSTRAP_DISABLE_DETECTION="0")

    assert requirements(wheel, "libraries") == ["rocm-sdk-libraries-gfx120X-all==10.1.0"]


def test_prepared_metadata_is_the_wheels(sdist: Path, tmp_path: Path) -> None:
    directory = json.loads(call(sdist, "prepare_metadata_for_build_wheel", tmp_path).stdout)
    prepared = {
        path.relative_to(tmp_path).as_posix(): path.read_bytes()
        for path in (tmp_path / directory).rglob("*")
        if path.is_file()
    }

    with zipfile.ZipFile(build(sdist, tmp_path / "out")) as archive:
        assert {path: archive.read(path) for path in prepared} == prepared
    assert directory == "rocm-10.1.0.dist-info"


def test_prepared_metadata_holds_also_when_the_machine_changes(sdist: Path, tmp_path: Path) -> None:
    call(sdist, "prepare_metadata_for_build_wheel", tmp_path, ROCM_SDK_TARGET_FAMILY="gfx942")
    code = "import sys, _rocm_backend as b; print(b.build_wheel(sys.argv[1], None, sys.argv[2]))"
    out = tmp_path / "out"
    out.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code, str(out), str(tmp_path / "rocm-10.1.0.dist-info")],
        cwd=sdist,
        env=small_rocm.environment(sdist),
        capture_output=True,
        text=True,
        check=True,
    )

    assert requirements(out / done.stdout.strip(), "libraries") == ["rocm-sdk-libraries-gfx94X-dcgpu==10.1.0"]


def test_the_bytes_depend_on_nothing_but_the_sources(sdist: Path, tmp_path: Path) -> None:
    other = small_rocm.sdist_tree(tmp_path / "elsewhere" / "rocm-10.1.0")
    for number, path in enumerate(sorted(other.rglob("*"))):
        os.utime(path, (number, number))
        path.chmod(0o700)

    first = build(sdist, tmp_path / "one", PYTHONHASHSEED="1", TZ="UTC")
    second = build(other, tmp_path / "two", PYTHONHASHSEED="2", TZ="Asia/Tokyo")

    assert first.read_bytes() == second.read_bytes()


def test_detection_talks_on_stderr_and_only_if_asked(sdist: Path) -> None:
    silent = call(sdist, "get_requires_for_build_wheel")
    talking = call(sdist, "get_requires_for_build_wheel", ROCM_SDK_VERBOSE="1")

    assert (silent.stdout, silent.stderr) == ("[]\n", "")
    assert talking.stdout == "[]\n"
    assert talking.stderr == ("rocm-sdk: family: none (ROCM_SDK_TARGET_FAMILY is not set, and no AMD GPU was found)\n")
