"""What a user can set: on the command line, in the environment, in local.toml; strongest first."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from rules.loading import setting_values
from rules.loading.setting_values import Parse
from rules.loading.spec_table import suggestion
from tools.errors import UserError

PREFIX = "ROCM_WHEELS_"  # of the environment variables: ROCM_WHEELS_DIST_DIR sets dist_dir
ENVIRONMENT = "environment"
LOCAL_FILE = "local.toml"  # in the project's root, not under version control
ENGINES = ("inline", "threads")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one run. Paths are absolute."""

    artifact_dir: Path | None  # None: the embedded sample
    version: str | None  # None: what base_lib_generic says, plus .dev0
    families: tuple[str, ...]  # (): every family found
    default_family: str | None
    build_dir: Path
    dist_dir: Path
    compression_level: int  # libdeflate's
    platform_tag: str
    strict: bool  # no: files and artifacts that nobody claims are a warning
    jobs: int  # cores that hashing and compressing may keep busy
    wait: bool  # for another run in the same build_dir; no: give up at once
    engine: str  # where the heavy work runs
    layout: str | None  # a file of packaging_specs/layouts; None: what the artifacts are made for
    url: str | None  # where `publish` puts the dist: a directory, s3://bucket/folder ...
    keep: int  # newest nightlies that `publish` leaves there; 0: all
    dry_run: bool  # `publish` only says what it would do
    yanked: Path | None  # a TOML file for `publish`: file name = reason, true or false (PEP 592)
    port: int  # of `serve`; 0: any free one
    promote_from: str | None  # "from" and "to" of `promote`
    promote_to: str | None
    also: tuple[str, ...]  # finished wheels and sdists of others, or folders of them, that lie in dist, too
    consumers: tuple[str, ...]  # the same, which `verify` looks at and nothing else
    targets: tuple[str, ...]  # families or GFX targets that `promote` keeps; (): all
    restamp: bool  # `promote` also changes the pins in wheels of others
    public_url: str | None  # under which people will read what `publish` puts at `url`
    variants: bool  # the index also offers rocm as wheel variants (PEP 817)
    agree: str | None  # to the removals of `retain` that have this digest
    provenance: str | None  # of a published index whose statements `verify` compares
    sign: str | None  # a command that is given each provenance statement


PARSERS: Mapping[str, Parse] = {
    "artifact_dir": setting_values.path,
    "version": setting_values.version,
    "families": setting_values.names,
    "default_family": setting_values.text(r"[A-Za-z0-9][A-Za-z0-9:+.-]*", "a family, such as gfx94X-dcgpu"),
    "build_dir": setting_values.path,
    "dist_dir": setting_values.path,
    "compression_level": setting_values.number(1, 12),
    "platform_tag": setting_values.text(
        r"(linux|manylinux_\d+_\d+|manylinux2014|manylinux2010|manylinux1)_(x86_64|aarch64)",
        "a platform tag of Linux, such as linux_x86_64 or manylinux_2_28_x86_64",
    ),
    "strict": setting_values.flag,
    "jobs": setting_values.number(1, 1024),
    "wait": setting_values.flag,
    "engine": setting_values.choice(*ENGINES),
    "layout": setting_values.text(r"[a-z0-9][a-z0-9-]*", "a layout, such as per-family"),
    "url": setting_values.address,
    "keep": setting_values.number(0, 100_000),
    "dry_run": setting_values.flag,
    "yanked": setting_values.path,
    "port": setting_values.number(0, 65_535),
    "from": setting_values.version,
    "to": setting_values.version,
    "also": setting_values.addresses,
    "consumers": setting_values.addresses,
    "targets": setting_values.names,
    "restamp": setting_values.flag,
    "public_url": setting_values.address,
    "variants": setting_values.flag,
    "agree": setting_values.text(r"[0-9a-f]{8,64}", "the digest that `retain` told"),
    "provenance": setting_values.address,
    "sign": setting_values.text(r"[^\0\n]+", "a command"),
}
_FIELDS = {"from": "promote_from", "to": "promote_to"}  # of Settings, where the name is not the setting's


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
    values = _defaults(root)
    for place, source, base in sources:
        values |= dict(_parsed(place, written, value, base) for written, value in source.items())
    return Settings(**cast(Any, {_FIELDS.get(name, name): value for name, value in values.items()}))


def _defaults(root: Path) -> dict[str, object]:
    return {
        "artifact_dir": None,
        "version": None,
        "families": (),
        "default_family": None,
        "build_dir": root / "build",
        "dist_dir": root / "dist",
        "compression_level": 5,  # zlib 6's size within 1 %, at four times its speed
        "platform_tag": "linux_x86_64",
        "strict": True,
        "jobs": len(os.sched_getaffinity(0)),
        "wait": True,
        "engine": "inline",
        "layout": None,
        "url": None,
        "keep": 0,
        "dry_run": False,
        "yanked": None,
        "port": 8000,
        "from": None,
        "to": None,
        "also": (),
        "consumers": (),
        "targets": (),
        "restamp": False,
        "public_url": None,
        "variants": False,
        "agree": None,
        "provenance": None,
        "sign": None,
    }


def _parsed(place: str, written: str, value: object, base: Path) -> tuple[str, object]:
    """Return the name and the value of a setting, whose name has a prefix in the environment."""
    name = written.removeprefix(PREFIX).lower() if place == ENVIRONMENT else written
    if name not in PARSERS:
        hint = suggestion(name, PARSERS) or f"; the settings are {', '.join(PARSERS)}"
        raise UserError(f"{place}: {written}: unknown setting{hint}")
    try:
        return name, PARSERS[name](value, base)
    except ValueError as error:
        raise UserError(f"{place}: {written}: {value!r} {error}") from None


def _read_local(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UserError(f"{file}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{file}: is not TOML: {error}") from None
