"""What wheels are made with today: a staging copy, packed by setuptools' ``bdist_wheel``, one wheel after the other.

``python -m tools.bench.staging ARTIFACT_DIR BUILD_DIR STAGING WHEELS`` makes the wheels of BUILD_DIR again. RPATHs are
left as they are, which is in its favour: today patchelf is started once a file.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tools.artifact.source import LocalSource, Spans
from tools.artifact.span import copy
from tools.bench.finished import Finished, finished_wheels

_SETUP = """\
from setuptools import setup

setup(
    name={name!r},
    version={version!r},
    packages={packages!r},
    package_dir={{"": "src"}},
    package_data={{"": ["**/*"]}},
)
"""
_OF_SETUPTOOLS = ("METADATA", "WHEEL", "RECORD", "entry_points.txt")  # it writes these itself


def pack(finished: Finished, artifacts: Spans, staging: Path, wheels: Path) -> None:
    """Stage what a finished wheel holds below ``staging`` and make a wheel of it in ``wheels``."""
    _stage(finished, artifacts, staging / "src")
    packages = sorted(path.name for path in (staging / "src").iterdir())
    plan = finished.plan
    setup = _SETUP.format(name=plan.distribution, version=plan.version, packages=packages)
    (staging / "setup.py").write_text(setup, encoding="utf-8")
    scratch = staging / "scratch"
    command = [
        sys.executable,
        "setup.py",
        "-q",
        "egg_info",
        f"--egg-base={staging}",
        "build",
        f"--build-base={scratch}",
    ]
    command += ["bdist_wheel", f"--bdist-dir={scratch / 'wheel'}", f"--dist-dir={wheels}"]
    subprocess.run(command, cwd=staging, check=True)
    shutil.rmtree(scratch)


def _stage(finished: Finished, artifacts: Spans, directory: Path) -> None:
    """Copy sources from the artifacts, as today's script does; take what was generated out of the finished wheel."""
    dist_info = f"{finished.plan.dist_info}/"
    top = next(member.path.partition("/")[0] for member in finished.plan.members if dist_info not in member.path)
    with zipfile.ZipFile(finished.wheel) as wheel:
        for member in finished.plan.members:
            name = member.path.removeprefix(dist_info)
            if name in _OF_SETUPTOOLS:
                continue
            target = directory / (member.path if name == member.path else f"{top}/dist-info/{name}")
            target.parent.mkdir(parents=True, exist_ok=True)
            if member.source:
                copy(artifacts.find(member.source, member.size), target)
            else:
                target.write_bytes(wheel.read(member.path))


def main() -> None:
    """Make every wheel."""
    artifact_dir, build_dir, staging, wheels = map(Path, sys.argv[1:])
    artifacts = Spans(LocalSource(artifact_dir))
    for number, finished in enumerate(finished_wheels(build_dir)):
        pack(finished, artifacts, staging / str(number), wheels)


if __name__ == "__main__":
    main()
