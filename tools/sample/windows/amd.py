"""Artifacts made of AMD's own signed DLLs of ROCm 7.14, as far as a wheel on PyPI carries them."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from posixpath import basename

from tools.errors import UserError
from tools.sample.embedded.nodes import Bytes, Node, text
from tools.sample.embedded.writer import replace_tree
from tools.sample.windows.generic import base_nodes

WHEEL = ("vapoursynth-dfttest2-hip", "11.1.0")
SHA256 = "5e62e794b31873f4756edd9e684f918e0872c209cfa62d98fdfcfda727724965"
FAMILY = "gfx110X-all"

_LLVM, _HIP, _KPACK = "compiler/amd-comgr/stage", "core/clr/stage", "core/rocm-kpack/stage"
_PLACES = {  # DLL -> artifact and component, base dir
    "amd_comgr.dll": ("amd-llvm_lib", _LLVM),
    "amdhip64_7.dll": ("core-hip_lib", _HIP),
    "hiprtc0714.dll": ("core-hip_lib", _HIP),
    "hiprtc-builtins0714.dll": ("core-hip_lib", _HIP),
    "rocm_kpack.dll": ("core-kpack_lib", _KPACK),
    "rocfft.dll": ("fft_lib", "math-libs/rocFFT/stage"),
    "hipfft.dll": ("fft_lib", "math-libs/hipFFT/stage"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AmdRequest:
    """Where the artifacts go, and where the downloaded wheel is kept for the next time."""

    directory: Path
    cache: Path
    layout: str = "per-family"


def make_artifacts(request: AmdRequest, context: object = None) -> None:
    """Make ``request.directory`` an artifact tree of AMD's DLLs; one that is there is replaced.

    :raises UserError: when the wheel cannot be had.
    """
    split = request.layout == "kpack-split"
    with zipfile.ZipFile(_fetched(request.cache)) as wheel:
        dlls = {basename(name): wheel.read(name) for name in wheel.namelist() if basename(name) in _PLACES}
    replace_tree(request.directory, dict(_nodes(dlls, split)))


def _nodes(dlls: dict[str, bytes], split: bool) -> Iterator[tuple[str, Node]]:
    bases: dict[str, set[str]] = {"base_lib_generic": {"base/aux-overlay/stage"}}
    for path, node in dict(base_nodes(split)).items():
        part, _, below = path.partition("/")
        if part == "base_lib" and isinstance(node, Bytes):
            yield f"{part}_generic/{below}", node
    for name, content in dlls.items():
        part, base = _PLACES[name]
        artifact = f"{part}_{FAMILY if part == 'fft_lib' and not split else 'generic'}"
        bases.setdefault(artifact, set()).add(base)
        yield f"{artifact}/{base}/bin/{name}", Bytes(content)
    for artifact, places in bases.items():
        yield f"{artifact}/artifact_manifest.txt", text("".join(f"{base}\n" for base in sorted(places)))


def _fetched(cache: Path) -> Path:
    """Return the wheel: from the cache, or fetched by pip, which checks the digest."""
    name, version = WHEEL
    for file in cache.glob(f"{name.replace('-', '_')}-{version}-*.whl"):
        if hashlib.sha256(file.read_bytes()).hexdigest() == SHA256:
            return file
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as directory:
        wanted = Path(directory, "wanted.txt")
        wanted.write_text(f"{name}=={version} --hash=sha256:{SHA256}\n", "utf-8")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary=:all:", "--ignore-requires-python", "--platform=win_amd64", "--require-hashes"]
        command += ["--requirement", str(wanted), "--dest", directory]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
            raise UserError(f"{name} {version} cannot be downloaded: that needs pip's package index (pip: {said})")
        (file,) = Path(directory).glob("*.whl")
        return file.replace(cache / file.name)
