"""``whl/``, ``whl-next/``, ``simple-json/`` and lock files: one dist by each road, with pip and uv."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.doit_process import Doit
from tests.support.environments import Environment, make_environment
from tests.support.http_servers import bucket_of_files

ALWAYS = ["rocm", "rocm_sdk_core"]
BOTH = pytest.mark.parametrize("layout", ["per-family", "kpack-split"])
EXPECTED = {
    "per-family": [*ALWAYS, "rocm_sdk_libraries_gfx94x_dcgpu"],
    "kpack-split": [
        *ALWAYS,
        "rocm_sdk_device_gfx1201",
        "rocm_sdk_device_gfx942",
        "rocm_sdk_device_gfx950",
        "rocm_sdk_libraries",
    ],
}
installers = pytest.mark.parametrize("installer", ["uv", pytest.param("pip", marks=pytest.mark.slow)])


@pytest.fixture(scope="module")
def dists(tmp_path_factory) -> dict[str, Path]:
    made = {}
    for layout in EXPECTED:
        settings = {"layout": layout, "version": "1.0"}
        if layout == "per-family":
            settings["default_family"] = "gfx94X-dcgpu"
        doit = Doit(directory=tmp_path_factory.mktemp(layout), settings=settings)
        done = doit("index")
        assert done.code == 0, done.out + done.err
        made[layout] = doit.dist
    return made


def install(environment: Environment, url: str, tree: str, *requirements: str, binary: bool = False) -> None:
    """Install from one tree of an index, without sdists if asked."""
    options = ["--index-url", f"{url}/{tree}/", *requirements]
    if binary:
        options += ["--no-build"] if environment.installer == "uv" else ["--only-binary", ":all:"]
    environment.pip("install", *options)


@BOTH
@installers
@pytest.mark.parametrize("tree", ["whl", "whl-json"])
def test_whl_gives_everything_without_a_build(dists, layout, installer, tree, tmp_path):
    environment = make_environment(installer, tmp_path, dists[layout])

    with bucket_of_files(dists[layout]) as url:
        install(environment, url, tree, "rocm[libraries]", binary=True)

    assert environment.installed == EXPECTED[layout]


@BOTH
@installers
@pytest.mark.parametrize("tree", ["whl-next", "simple-json"])
def test_whl_next_gives_what_is_named(dists, layout, installer, tree, tmp_path):
    environment = make_environment(installer, tmp_path, dists[layout])
    extra = "libraries-gfx120x-all" if layout == "per-family" else "libraries,device-gfx942"

    with bucket_of_files(dists[layout]) as url:
        install(environment, url, tree, f"rocm[{extra}]")

    split = ["rocm_sdk_device_gfx942", "rocm_sdk_libraries"]
    assert environment.installed == [
        *ALWAYS,
        *(split if layout == "kpack-split" else ["rocm_sdk_libraries_gfx120x_all"]),
    ]


def test_the_wheel_in_whl_is_the_one_that_the_sdist_builds_for_the_default_family(dists, tmp_path):
    dist = dists["per-family"]
    for name in ("by-wheel", "by-sdist"):
        environment = make_environment("uv", tmp_path / name, dist)
        with bucket_of_files(dist) as url:
            install(environment, url, "whl" if name == "by-wheel" else "whl-next", "rocm")

    def files(name: str) -> dict[str, bytes]:
        site = next((tmp_path / name).glob("venv/lib/python*/site-packages"))
        found = [*site.glob("rocm_sdk/*"), *site.glob("rocm-1.0.dist-info/*")]
        skipped = {"RECORD", "INSTALLER", "direct_url.json", "REQUESTED", "uv_cache.json", "uv_build.json"}
        return {path.name: path.read_bytes() for path in found if path.is_file() and path.name not in skipped}

    assert files("by-wheel") == files("by-sdist")


@BOTH
@installers
def test_a_lock_file_installs_by_hash(dists, layout, installer, tmp_path):
    dist = dists[layout]
    family = "gfx94X-dcgpu" if layout == "per-family" else "gfx942"
    environment = make_environment(installer, tmp_path, dist)

    environment.pip("install", "-r", str(dist / f"pylock.{family}.toml"))

    own = ["rocm_sdk_libraries_gfx94x_dcgpu"] if layout == "per-family" else []
    split = ["rocm_sdk_device_gfx942", "rocm_sdk_libraries"] if layout == "kpack-split" else []
    assert environment.installed == [*ALWAYS, *own, *split]


@installers
def test_a_lock_file_with_another_hash_installs_nothing(dists, installer, tmp_path):
    dist = dists["per-family"]
    text = (dist / "pylock.gfx94X-dcgpu.toml").read_text().replace('path = "', f'path = "{dist}/')
    digest = text.split('sha256 = "')[1][:64]
    (tmp_path / "pylock.wrong.toml").write_text(text.replace(digest, "0" * 64))
    environment = make_environment(installer, tmp_path / "environment", dist)

    said = environment.pip("install", "-r", str(tmp_path / "pylock.wrong.toml"), fails=True)

    assert "sha256:" in said.lower().replace("sha256 ", "sha256:")
    assert environment.installed == []


@BOTH
def test_a_lock_file_is_one_as_the_specification_says(dists, layout):
    pylock = pytest.importorskip("packaging.pylock")
    import tomllib

    locks = sorted(dists[layout].glob("pylock.*.toml"))
    assert locks
    for lock in locks:
        assert pylock.is_valid_pylock_path(lock)
        pylock.Pylock.from_dict(tomllib.loads(lock.read_text())).validate()


def test_no_file_is_stored_twice(dists):
    wheels = [path.name for path in dists["per-family"].rglob("*") if path.suffix in {".whl", ".gz"}]

    assert len(wheels) == len(set(wheels))


def test_json_says_what_the_api_asks_for(dists):
    for page in dists["per-family"].glob("simple-json/*/index.json"):
        project = json.loads(page.read_bytes())
        assert set(project) == {"meta", "name", "versions", "files", "project-status"}
        assert project["meta"] == {"api-version": "1.4"}
        assert project["project-status"] == {"status": "active"}
        for file in project["files"]:
            assert {"filename", "url", "hashes", "size", "yanked", "upload-time", "requires-python"} <= set(file)
            assert set(file["hashes"]) == {"sha256"}
