"""Settings: four sources, typed values, no unknown name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from rules.loading.settings import SETTINGS, Settings, read_settings
from tools.errors import UserError

HERE = Path("/invoked/here")


def read(
    root: Path, command_line: Mapping[str, str] | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    return read_settings(root, HERE, command_line or {}, environment or {})


def test_defaults(tmp_path):
    assert read(tmp_path) == Settings(
        artifact_dir=None,
        version=None,
        families=(),
        default_family=None,
        linux_amdgpu_families=(),
        windows_amdgpu_families=(),
        build_dir=tmp_path / "build",
        dist_dir=tmp_path / "dist",
        compression_level=5,
        platform_tag=None,
        strict=True,
        jobs=len(os.sched_getaffinity(0)),
        wait=True,
        engine=None,
        scheduler=None,
        store=None,
        shards=False,
        layout=None,
        url=None,
        keep=0,
        dry_run=False,
        yanked=None,
        venv=None,
        link="copy",
        port=8000,
        promote_from=None,
        promote_to=None,
        also=(),
        consumers=(),
        targets=(),
        restamp=False,
        public_url=None,
        variants=False,
        agree=None,
        provenance=None,
        sign=None,
        of=None,
        against=None,
        budget=None,
        indexes=(),
    )


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(tmp_path):
    (tmp_path / "local.toml").write_text('version = "1"\nplatform_tag = "linux_x86_64"\ncompression_level = 1\n')

    settings = read(
        tmp_path,
        {"version": "3"},
        {"ROCM_WHEELS_VERSION": "2", "ROCM_WHEELS_PLATFORM_TAG": "manylinux_2_28_x86_64", "ROCM_OTHER": "x"},
    )

    assert (settings.version, settings.platform_tag, settings.compression_level) == ("3", "manylinux_2_28_x86_64", 1)


def test_an_address_is_a_url_or_a_path(tmp_path):
    assert read(tmp_path, {"url": "s3://bucket/folder"}).url == "s3://bucket/folder"
    assert read(tmp_path, {"url": "out/here"}).url == "/invoked/here/out/here"


def test_indexes_have_names_and_stay_in_order(tmp_path):
    settings = read(tmp_path, {"indexes": "https://rocm.example/stable/, the rest=../nightly,s3://bucket/dev"})

    assert settings.indexes == (
        ("stable", "https://rocm.example/stable/"),
        ("the rest", "/invoked/nightly"),
        ("dev", "s3://bucket/dev"),
    )


@pytest.mark.parametrize("text", ["a/x,b/x", "x=a,x=b", "https://", "x=", "a,,b", ""])
def test_indexes_without_a_name_of_their_own_are_refused(tmp_path, text):
    with pytest.raises(UserError) as caught:
        read(tmp_path, {"indexes": text})

    assert str(caught.value) == (
        f"command line: indexes: {text!r} must be paths or URLs separated by commas, each with a name of its own: "
        "stable=https://example.org/a"
    )


def test_promote_takes_two_versions(tmp_path):
    settings = read(tmp_path, {"from": "10.1.0-rc1", "to": "10.1"})

    assert (settings.promote_from, settings.promote_to) == ("10.1.0rc1", "10.1")


def test_relative_paths_start_where_their_source_lies(tmp_path):
    (tmp_path / "local.toml").write_text('dist_dir = "from/file"\n')

    settings = read(tmp_path, {"artifact_dir": "a/../b"}, {"ROCM_WHEELS_BUILD_DIR": "c"})

    assert settings.dist_dir == tmp_path / "from/file"
    assert settings.artifact_dir == HERE / "b"
    assert settings.build_dir == HERE / "c"


def test_a_home_directory_is_expanded(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")

    assert read(tmp_path, {"dist_dir": "~/dist"}).dist_dir == Path("/home/me/dist")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("version", "10.1.0-rc1", "10.1.0rc1"),
        ("version", "10.1.0+Git.abc", "10.1.0+git.abc"),
        ("families", "gfx94X-dcgpu, gfx120X-all,gfx94X-dcgpu", ("gfx120X-all", "gfx94X-dcgpu")),
        ("default_family", "gfx94X-dcgpu", "gfx94X-dcgpu"),
        ("compression_level", "12", 12),
        ("strict", "No", False),
        ("strict", "1", True),
        ("wait", "off", False),
        ("layout", "kpack-split", "kpack-split"),
        ("jobs", "3", 3),
    ],
)
def test_values_are_typed(tmp_path, name, text, value):
    assert getattr(read(tmp_path, {name: text}), name) == value


def test_the_file_has_types_of_its_own(tmp_path):
    (tmp_path / "local.toml").write_text('strict = false\njobs = 4\nfamilies = ["b", "a"]\nwait = "no"\n')

    settings = read(tmp_path)

    assert (settings.strict, settings.jobs, settings.families, settings.wait) == (False, 4, ("a", "b"), False)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("artifact_dir", "", "'' must be a path or a URL, such as s3://bucket/folder"),
        ("artifact_dir", "a\0b", r"'a\x00b' must be a path or a URL, such as s3://bucket/folder"),
        ("version", "ten", "'ten' must be a version as PEP 440 defines it, such as '10.1.0' or '10.1.0rc1'"),
        ("families", "a,,b", "'a,,b' must be names separated by commas"),
        ("families", "", "'' must be names separated by commas"),
        ("default_family", "<x>", "'<x>' must be a family, such as gfx94X-dcgpu"),
        ("url", "x://y", "'x://y' must be a path or a URL, such as s3://bucket/folder"),
        ("url", "S3://bucket", "'S3://bucket' must be a path or a URL, such as s3://bucket/folder"),
        ("compression_level", "13", "'13' must be a whole number from 1 to 12"),
        ("compression_level", "0", "'0' must be a whole number from 1 to 12"),
        ("compression_level", "-1", "'-1' must be a whole number from 1 to 12"),
        ("compression_level", "\u0665", "'\u0665' must be a whole number from 1 to 12"),
        (
            "platform_tag",
            "linux-x86",
            "'linux-x86' must be a platform tag of Linux, such as linux_x86_64 or manylinux_2_28_x86_64, or win_amd64",
        ),
        (
            "platform_tag",
            "manylinux_2_28_aarch64",
            "'manylinux_2_28_aarch64' is for aarch64, and what stands in wheels for links (stubs and forwarders) is "
            "x86-64 code; use a tag of x86_64, such as linux_x86_64 or manylinux_2_28_x86_64",
        ),
        ("strict", "maybe", "'maybe' must be yes or no"),
        ("engine", "ray", "'ray' must be one of inline, processes, dask"),
        ("scheduler", "host:8786", "'host:8786' must be an address such as tls://HOST:8786"),
        ("layout", "../x", "'../x' must be a layout, such as per-family"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(tmp_path, name, text, problem):
    with pytest.raises(UserError) as caught:
        read(tmp_path, {name: text})

    assert str(caught.value) == f"command line: {name}: {problem}"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            "version = 10.1",
            "version: 10.1 must be a version as PEP 440 defines it, such as '10.1.0' or '10.1.0rc1'",
        ),
        ("jobs = true", "jobs: True must be a whole number from 1 to 1024"),
        ("jobs = 1.5", "jobs: 1.5 must be a whole number from 1 to 1024"),
        ("strict = 1", "strict: 1 must be yes or no"),
        ("families = [1]", "families: [1] must be names separated by commas"),
        ("engine = []", "engine: [] must be one of inline, processes, dask"),
        ("dist_dir = 3", "dist_dir: 3 must be a path"),
        ("dist_dri = 'x'", "dist_dri: unknown setting; did you mean 'dist_dir'?"),
        ("x =", "is not TOML: Invalid value (at end of document)"),
        (f"x = {'[' * 5000}{']' * 5000}", "is not TOML: it is nested too deeply"),
    ],
)
def test_an_error_in_the_file_names_the_file(tmp_path, line, problem):
    (tmp_path / "local.toml").write_text(line)

    with pytest.raises(UserError) as caught:
        read(tmp_path)

    assert str(caught.value) == f"{tmp_path / 'local.toml'}: {problem}"


def test_a_file_that_is_not_text_is_refused(tmp_path):
    (tmp_path / "local.toml").write_bytes(b"\xff")

    with pytest.raises(UserError, match=r"local\.toml: is not TOML: 'utf-8' codec can't decode byte 0xff"):
        read(tmp_path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    (tmp_path / "local.toml").mkdir()

    with pytest.raises(UserError) as caught:
        read(tmp_path)

    assert str(caught.value) == f"{tmp_path / 'local.toml'}: cannot be read: Is a directory"


def test_an_unknown_name_on_the_command_line_gets_a_suggestion(tmp_path):
    with pytest.raises(UserError) as caught:
        read(tmp_path, {"compresion_level": "5"})

    assert str(caught.value) == ("command line: compresion_level: unknown setting; did you mean 'compression_level'?")


@pytest.mark.parametrize(
    ("variable", "problem"),
    [
        ("ROCM_WHEELS_VERSOIN", "unknown setting; did you mean 'version'?"),
        ("ROCM_WHEELS_QQQ", f"unknown setting; the settings are {', '.join(SETTINGS)}"),
        ("ROCM_WHEELS_JOBS", "'5x' must be a whole number from 1 to 1024"),
        ("ROCM_WHEELS_jobs", "'5x' must be a whole number from 1 to 1024"),
    ],
)
def test_an_error_in_the_environment_names_the_variable(tmp_path, variable, problem):
    with pytest.raises(UserError) as caught:
        read(tmp_path, environment={variable: "5x"})

    assert str(caught.value) == f"environment: {variable}: {problem}"


def test_a_variable_is_no_name_in_the_file(tmp_path):
    (tmp_path / "local.toml").write_text("ROCM_WHEELS_JOBS = 1\n")

    with pytest.raises(UserError, match=r"local\.toml: ROCM_WHEELS_JOBS: unknown setting"):
        read(tmp_path)
