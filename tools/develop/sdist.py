"""The wheel of the sdist ``rocm``, built by the sdist's own backend as pip does it, for one environment."""

from __future__ import annotations

import os
import subprocess
import tomllib
import zipfile
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from tools.develop.environment import Environment
from tools.develop.exclusive import parts_of
from tools.errors import UserError
from tools.files import atomic_write, make_directory
from tools.plan.model import WheelPlan
from tools.wheel.fetching import fetched

FAMILY = "ROCM_SDK_TARGET_FAMILY"  # what the backend asks first
_BUILD = """
import importlib, sys
backend, out, *paths = sys.argv[1:]
sys.path[:0] = paths
module = importlib.import_module(backend)
sys.stdout.flush()
name = module.build_wheel(out)
open(out + "/name", "w").write(name)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A wheel with what the backend may ask for GPUs."""

    wheel: Path  # fetched if it is missing
    sha256: str  # hex, that the file must have


@dataclass(frozen=True, slots=True, kw_only=True)
class SdistBuild:
    """What the wheel of an sdist is made from."""

    plan: WheelPlan
    family: str  # that it is for; "": whatever this machine says
    detection: Detection | None
    folder: Path  # where the wheel is kept

    def kept(self, environment: Environment) -> Path | None:
        """Return where the wheel for this Python lies, or is to lie; None where the machine has a say in it."""
        if not self.family:
            return None
        sources = sorted((member.path, member.argument) for member in self.plan.members)
        made_from = repr((sources, self.family, environment.version))
        return self.folder / f"{self.plan.distribution}-{sha256(made_from.encode()).hexdigest()[:16]}.whl"


def built_wheel(build: SdistBuild, environment: Environment, held: int) -> Path:
    """Return the wheel, built in the environment unless it is kept from an earlier run.

    ``held`` is the lock of the environment, which stays held until the backend has ended.

    :raises UserError: when the backend says no; its own words are in it.
    """
    kept = build.kept(environment)
    if kept is not None and kept.exists():
        return kept
    wheel = _build(build, environment, parts_of(environment), held)
    if kept is None:
        return wheel
    make_directory(build.folder)
    for other in build.folder.glob("*.whl"):
        other.unlink(missing_ok=True)
    with atomic_write(kept) as file:
        file.write(wheel.read_bytes())
    return kept


def _build(build: SdistBuild, environment: Environment, parts: Path, held: int) -> Path:
    source, out = parts / "sdist", parts / "wheel"
    for member in build.plan.members:
        file = source / member.path
        make_directory(file.parent)
        file.write_text(member.argument, encoding="utf-8", newline="")
    make_directory(out)
    backend, paths = _backend(build.plan, source)
    if build.detection is not None and not build.family:
        with zipfile.ZipFile(BytesIO(fetched(build.detection.wheel, build.detection.sha256))) as archive:
            archive.extractall(parts / "detection")
        paths.append(parts / "detection")
    done = subprocess.run(
        [environment.python, "-I", "-S", "-B", "-c", _BUILD, backend, out, *paths],
        cwd=source,
        env=os.environ | ({FAMILY: build.family} if build.family else {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        pass_fds=[held],
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().rpartition("\n")[2] or f"it ended with code {done.returncode}"
        raise UserError(f"{build.plan.distribution}: its own build failed with {environment.python}: {said}")
    return out / (out / "name").read_text(encoding="utf-8")


def _backend(plan: WheelPlan, source: Path) -> tuple[str, list[Path]]:
    """Return the module of the backend and where it is (PEP 517)."""
    text = next(member.argument for member in plan.members if member.path == "pyproject.toml")
    system = tomllib.loads(text)["build-system"]
    return system["build-backend"], [source / path for path in system.get("backend-path", ())]
