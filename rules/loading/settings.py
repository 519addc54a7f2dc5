"""What a user can set: on the command line, in the environment, in local.toml; strongest first."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from rules.loading import setting_values
from rules.loading.setting import setting, settings_of
from rules.loading.spec_table import suggestion
from tools.errors import UserError
from tools.toml import parse_toml

PREFIX = "ROCM_WHEELS_"  # of the environment variables: ROCM_WHEELS_DIST_DIR sets dist_dir
ENVIRONMENT = "environment"
LOCAL_FILE = "local.toml"  # in the project's root, not under version control
ENGINES = ("inline", "processes", "dask")
LINKS = ("copy", "hard")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one run, each declared once. Paths are absolute."""

    artifact_dir: Path | str | None = setting(
        setting_values.source,
        None,
        "where the artifacts are, named `NAME_COMPONENT_FAMILY` as TheRock makes them: a folder of directories, of "
        "archives (`.tar.zst`, `.tar.xz`, `.tar`) or of both, or a URL of archives, such as `s3://bucket/RUN-linux` or "
        "that of a page that lists them; never written to",
        unset="the embedded sample",
    )
    version: str | None = setting(
        setting_values.version,
        None,
        "of all wheels (PEP 440)",
        unset="`.info/version` of `base_lib_generic`, plus `.dev0`",
    )
    families: tuple[str, ...] = setting(
        setting_values.names,
        (),
        "which families to build, by name, separated by commas; where wheels are per GFX target, also targets, and "
        "what is named must be complete",
        unset="every family found",
    )
    default_family: str | None = setting(
        setting_values.text(r"[A-Za-z0-9][A-Za-z0-9:+.-]*", "a family, such as gfx94X-dcgpu"),
        None,
        "what `rocm[libraries]` means where no GPU is found",
        unset="none: users name a family",
    )
    linux_amdgpu_families: tuple[str, ...] = setting(
        setting_values.names,
        (),
        "families or targets with wheels for Linux, built here or elsewhere: the sdist has extras for all of them, "
        "with `sys_platform` markers where one platform alone has wheels. Given this list and the next one, builds of "
        "both platforms make the same sdist",
        unset="what is built, for every platform",
    )
    windows_amdgpu_families: tuple[str, ...] = setting(
        setting_values.names, (), "the same for Windows", unset="what is built, for every platform"
    )
    build_dir: Path = setting(
        setting_values.path,
        lambda root: root / "build",
        "where intermediate files go: catalogs, plans, wheels and the record of what is done",
        unset="`build`",
    )
    dist_dir: Path = setting(setting_values.path, lambda root: root / "dist", "where the dist is", unset="`dist`")
    compression_level: int = setting(
        setting_values.number(1, 12),
        5,  # zlib 6's size within 1 %, at four times its speed
        "libdeflate's, 1 to 12",
    )
    platform_tag: str | None = setting(
        setting_values.platform_tag,
        None,
        "of the wheels: Linux on x86_64, or `win_amd64`, built on Linux, too",
        unset="`linux_x86_64`, or `win_amd64` where that is what the artifacts are for, as the end of their place's "
        "name (`-linux`, `-windows`) or the files of `core-hip_lib_generic` say",
    )
    strict: bool = setting(
        setting_values.flag,
        True,
        "`no`: build what can be built, and warn about the rest once a reason; an archive from a URL may lack the "
        "`.sha256sum` that alone shows damage",
    )
    jobs: int = setting(
        setting_values.number(1, 1024),
        lambda root: len(os.sched_getaffinity(0)),
        "cores that hashing and compressing may keep busy",
        unset="all",
    )
    wait: bool = setting(setting_values.flag, True, "wait for another run in the same `build_dir`, or give up at once")
    engine: str | None = setting(
        setting_values.choice(*ENGINES),
        None,
        "where jobs run: `inline`, in this process, `processes`, in as many as `jobs`, or `dask`, on the cluster of "
        "`scheduler`",
        unset="`processes` once there is enough to do for more than one core",
    )
    scheduler: str | None = setting(
        setting_values.text(r"[a-z]+://[^\s/]+:\d{1,5}", "an address such as tls://HOST:8786"),
        None,
        "of `engine=dask`: the address of Dask's scheduler",
        unset="none",
    )
    store: str | None = setting(
        setting_values.address,
        None,
        "where catalogs, wheels and receipts are kept for every machine that builds: a directory, "
        "`s3://bucket/folder` or another protocol of fsspec; what was made anywhere is taken from there",
        unset="none",
    )
    shards: bool = setting(
        setting_values.flag,
        False,
        "`yes`: every wheel was built by shards, into `store`; what is missing there is named, and not built",
    )
    layout: str | None = setting(
        setting_values.text(r"[a-z0-9][a-z0-9-]*", "a layout, such as per-family"),
        None,
        "a file of `packaging_specs/layouts/`, for artifacts that do not say `KPACK_SPLIT_ARTIFACTS`",
        unset="what the artifacts were built for",
    )
    url: str | None = setting(
        setting_values.address,
        None,
        "where `publish` and `promote` put the dist, and `aggregate` its page: a directory, `s3://bucket/folder` or "
        "another protocol of fsspec",
        unset="none",
    )
    keep: int = setting(
        setting_values.number(0, 100_000),
        0,
        "how many nightlies stay at `url` and, by `store-prune`, in `store`, the newest ones; a nightly is a "
        "development or alpha version (PEP 440). 0: all",
    )
    dry_run: bool = setting(
        setting_values.flag,
        False,
        "`yes`: `publish`, `promote` and `store-prune` only say what they would do",
    )
    yanked: Path | None = setting(
        setting_values.path,
        None,
        'a TOML file of lines such as `"FILE NAME" = "reason"` (or `true`, `false`): what nobody should install any '
        "more (PEP 592)",
        unset="none",
    )
    venv: Path | None = setting(
        setting_values.path,
        None,
        "of `develop`: the virtual environment that the artifacts go into",
        unset="none",
    )
    link: str = setting(
        setting_values.choice(*LINKS),
        "copy",
        "of `develop`: `hard` makes large files that need no edit another name of the artifact's file instead of a "
        "copy, so that who writes into the one writes into the other",
    )
    port: int = setting(setting_values.number(0, 65_535), 8000, "of `serve`; 0: any free one")
    promote_from: str | None = setting(
        setting_values.version,
        None,
        "of `promote`: the version that dist holds, such as 10.1.0rc1",
        unset="none",
        name="from",
    )
    promote_to: str | None = setting(
        setting_values.version,
        None,
        "of `promote`: the version that it becomes, such as 10.1.0",
        unset="none",
        name="to",
    )
    also: tuple[str, ...] = setting(
        setting_values.addresses,
        (),
        "finished wheels and sdists of other projects that stand in dist and index, too: files, folders, "
        "`URL#sha256=HEX`",
        unset="none",
    )
    consumers: tuple[str, ...] = setting(
        setting_values.addresses,
        (),
        "wheels (files, folders) that `verify` looks at and nothing else: do they find what they need in this dist?",
        unset="none",
    )
    targets: tuple[str, ...] = setting(
        setting_values.names,
        (),
        "families and GFX targets that `promote` keeps; others are dropped with their extras",
        unset="all",
    )
    restamp: bool = setting(
        setting_values.flag,
        False,
        "`yes`: `promote` also changes the pins in wheels of `also`, and the ROCm in their local version",
    )
    public_url: str | None = setting(
        setting_values.address,
        None,
        "under which people read what `publish` and `aggregate` put at `url`; lock files need it",
        unset="what `publish` was told last, or none",
    )
    indexes: tuple[tuple[str, str], ...] = setting(
        setting_values.named_addresses,
        (),
        "published indexes that `aggregate` makes a page over, each an address or `NAME=ADDRESS`, separated by commas; "
        "people begin with the first",
        unset="none",
    )
    variants: bool = setting(
        setting_values.flag,
        False,
        "`yes`: the index also offers `rocm` as wheel variants, one for each GFX target (PEP 825, a draft)",
    )
    agree: str | None = setting(
        setting_values.text(r"[0-9a-f]{8,64}", "the digest that `retain` told"),
        None,
        "to the removals of `retain` that have this digest",
        unset="none",
    )
    provenance: str | None = setting(
        setting_values.address,
        None,
        "URL of a published index: `verify` compares its wheels and statements with this build",
        unset="none",
    )
    sign: str | None = setting(
        setting_values.text(r"[^\0\n]+", "a command"),
        None,
        "a command that `publish` gives each statement of provenance (`{}`, or the last argument); what it writes "
        "beside it is published",
        unset="none",
    )
    of: str | None = setting(
        setting_values.address,
        None,
        "what `report` is about: a directory with wheels, or a URL that can be listed",
        unset="what is built here",
    )
    against: str | None = setting(
        setting_values.address, None, "another such place: `report` shows what grew since", unset="none"
    )
    budget: int | None = setting(
        setting_values.size,
        None,
        "bytes that all wheels together may grow by since `against`, such as 20 MB; `report` fails when it is more",
        unset="none",
    )


SETTINGS = settings_of(Settings)


def read_settings(
    root: Path, invoked_in: Path, command_line: Mapping[str, str], environment: Mapping[str, str]
) -> Settings:
    """Return the settings; the strongest source of each one wins.

    A relative path is relative to ``invoked_in`` on the command line and in the environment, and to ``root``
    in local.toml and in the defaults.

    :raises UserError: for an unknown name or a value that makes no sense, in any source.
    """
    given = {key: value for key, value in environment.items() if key.startswith(PREFIX)}
    sources: tuple[tuple[str, Mapping[str, object], Path], ...] = (
        (str(root / LOCAL_FILE), _read_local(root / LOCAL_FILE), root),
        (ENVIRONMENT, given, invoked_in),
        ("command line", command_line, invoked_in),
    )
    values = {field: one.default_for(root) for field, one in SETTINGS.values()}
    for place, source, base in sources:
        values |= dict(_parsed(place, written, value, base) for written, value in source.items())
    return Settings(**cast(Any, values))


def _parsed(place: str, written: str, value: object, base: Path) -> tuple[str, object]:
    """Return the field and the value of a setting, whose name has a prefix in the environment."""
    name = written.removeprefix(PREFIX).lower() if place == ENVIRONMENT else written
    if name not in SETTINGS:
        hint = suggestion(name, SETTINGS) or f"; the settings are {', '.join(SETTINGS)}"
        raise UserError(f"{place}: {written}: unknown setting{hint}")
    field, one = SETTINGS[name]
    try:
        return field, one.parse(value, base)
    except ValueError as error:
        raise UserError(f"{place}: {written}: {value!r} {error}") from None


def _read_local(file: Path) -> dict[str, object]:
    try:
        return parse_toml(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UserError(f"{file}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{file}: is not TOML: {error}") from None
