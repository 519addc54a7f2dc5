#!/usr/bin/env python3
"""Build ROCm's Python packages from artifacts, called as TheRock's script of this name is.

Needs Python 3.11 and nothing installed: everything else is set up beside this checkout's doitw on the first run. What
was built before in the same destination is not built again. Settings of the project can be given in the environment,
as ROCM_WHEELS_NAME, where no option sets them.

Exit codes: 0 all is well, 1 something failed, 2 a wrong call.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

DOITW = Path(__file__).resolve().parents[2] / "doitw"
OLDEST = (3, 11)
PLATFORM_TAG = "ROCM_SDK_WHEEL_PLATFORM_TAG"  # what TheRock's setup.py files read


def main(arguments: Sequence[str] | None = None) -> int:
    """Build what the command line asks for; return the exit code."""
    if sys.version_info < OLDEST:
        print(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}", file=sys.stderr)
        return 1
    options = _parser().parse_args(arguments)
    for note in _notes(options):
        print(f"::: {note}", file=sys.stderr, flush=True)
    task = "dist" if options.build_packages else "plan"
    code = _run([sys.executable, str(DOITW), *_settings(options), task])
    if code == 0:
        print(f"::: Finished building packages at '{options.dest_dir}'")
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=True
    )
    switch = argparse.BooleanOptionalAction
    parser.add_argument("--artifact-dir", required=True, help="artifacts of a build: directories, archives, or a URL")
    parser.add_argument("--dest-dir", type=Path, required=True, help="gets dist/*.whl, dist/rocm-*.tar.gz and build/")
    parser.add_argument("--version", default="", help="of all packages; else what the artifacts say, plus .dev0")
    parser.add_argument("--version-suffix", default="", help="accepted: no directory of these packages has a suffix")
    parser.add_argument("--build-packages", default=True, action=switch, help="no: plan the packages only")
    parser.add_argument("--wheel-compression", default=True, action=switch, help="no: as quick as it can be")
    parser.add_argument(
        "--devel-tarball-compression", default=None, action=switch, help="accepted: there is no devel tarball"
    )
    for platform in ("linux", "windows"):
        parser.add_argument(
            f"--{platform}-amdgpu-families",
            default="",
            help=f"families with wheels for {platform.capitalize()}, separated by , or ;: the sdist's extras",
        )
    return parser


def _settings(options: argparse.Namespace) -> Iterator[str]:
    """Yield the settings that the options stand for."""
    yield f"artifact_dir={_absolute(options.artifact_dir)}"
    yield f"dist_dir={_absolute(options.dest_dir / 'dist')}"
    yield f"build_dir={_absolute(options.dest_dir / 'build')}"
    if options.version:
        yield f"version={options.version}"
    if not options.wheel_compression:
        yield "compression_level=1"
    if tag := os.environ.get(PLATFORM_TAG):
        yield f"platform_tag={tag}"
    for platform in ("linux", "windows"):
        if families := getattr(options, f"{platform}_amdgpu_families").replace(";", ",").strip(", "):
            names = [name.strip() for name in families.split(",") if name.strip()]
            yield f"{platform}_amdgpu_families={','.join(names)}"


def _notes(options: argparse.Namespace) -> Iterator[str]:
    """Yield what is different here, for options that were given."""
    if options.version_suffix:
        yield f"--version-suffix {options.version_suffix} changes nothing: no directory of these packages has a suffix"
    if options.devel_tarball_compression is not None:
        yield "--devel-tarball-compression changes nothing: the devel package has files, no tarball"
    if not options.wheel_compression:
        yield "--no-wheel-compression: members are compressed at the quickest level, not stored"
    if not options.build_packages:
        place = options.dest_dir / "build" / "plan"
        yield f"--no-build-packages: packages have no staging directories; what goes into each is planned in {place}"


def _absolute(place: str | Path) -> str:
    """Return a URL as it is, a path as it is meant here: doitw works in its own directory."""
    return place if isinstance(place, str) and "://" in place else os.path.abspath(place)  # noqa: PTH100 - keeps links


def _run(command: Sequence[str]) -> int:
    """Return the exit code of a command that is ended as this process is: by Ctrl-C, which it gets too, or a signal."""
    process = subprocess.Popen(command)

    def end(number: int, frame: FrameType | None) -> None:
        process.send_signal(number)

    signal.signal(signal.SIGINT, lambda number, frame: None)
    signal.signal(signal.SIGTERM, end)
    code = process.wait()
    if code in {0, 128 + signal.SIGINT, 128 + signal.SIGTERM}:
        return code
    return 128 - code if code < 0 else 1


if __name__ == "__main__":
    sys.exit(main())
