"""Small real wheels, an sdist that builds without setuptools, and their receipts."""

from __future__ import annotations

import gzip
import hashlib
import io
import random
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.contracts import receipt_of, written
from tests.support.wheels import Wheel
from tools.dist.gather import DistRequest, gather
from tools.dist.index import IndexRequest, write_index
from tools.values import write_json

FAMILIES = ("gfx94X-dcgpu", "gfx120X-all")
PAYLOAD = 1_500_000  # bytes a libraries wheel holds: more than a dry run may download


@dataclass(frozen=True, kw_only=True)
class WheelText:
    """What a test says of a wheel; the rest follows."""

    distribution: str
    package: str
    family: str = "generic"
    version: str = "10.1.0"
    requires: tuple[str, ...] = ()
    payload: bytes = b"payload"
    summary: str = "A part of ROCm"
    fields: tuple[str, ...] = ()  # further lines of METADATA


def make_set(directory: Path, *, version: str = "10.1.0", families: tuple[str, ...] = FAMILIES) -> tuple[Path, ...]:
    """Write a whole per-family set and return its receipts."""
    core = make_wheel(
        directory,
        WheelText(distribution="rocm-sdk-core", package="core", version=version, summary="ROCm core"),
    )
    devel = make_wheel(
        directory,
        WheelText(
            distribution="rocm-sdk-devel",
            package="devel",
            version=version,
            requires=(f"rocm-sdk-core=={version}",),
            summary="ROCm development files",
        ),
    )
    receipts = [core, devel, make_sdist(directory, version=version, families=families)]
    for number, family in enumerate(families):
        receipts.append(
            make_wheel(
                directory,
                WheelText(
                    distribution=f"rocm-sdk-libraries-{family}",
                    package="libraries",
                    family=family,
                    version=version,
                    requires=(f"rocm-sdk-core=={version}",),
                    payload=random.Random(number).randbytes(PAYLOAD),
                    summary=f"ROCm libraries for {family}",
                ),
            )
        )
        receipts.append(
            make_wheel(
                directory,
                WheelText(
                    distribution=f"rocm-sdk-devel-{family}",
                    package="devel",
                    family=family,
                    version=version,
                    requires=(f"rocm-sdk-devel=={version}", f"rocm-sdk-libraries-{family}=={version}"),
                    summary=f"ROCm development files for {family}",
                ),
            )
        )
    return tuple(receipts)


def make_core_and_sdist(directory: Path, version: str = "10.1.0", *, payload: bytes = b"payload") -> tuple[Path, Path]:
    """Write rocm-sdk-core and an sdist without families, gather them in ``directory/dist``, and return the receipts."""
    core = WheelText(distribution="rocm-sdk-core", package="core", version=version, payload=payload)
    receipts = make_wheel(directory, core), make_sdist(directory, version=version, families=())
    gather(DistRequest(receipts=receipts, dist_dir=directory / "dist"))
    return receipts


def make_dist(dist: Path, receipts: tuple[Path, ...], **options: Any) -> Path:
    """Gather what the receipts speak of, write the index beside it, and return the directory."""
    gather(DistRequest(receipts=receipts, dist_dir=dist))
    write_index(IndexRequest(receipts=receipts, dist_dir=dist, **options))
    return dist


def make_wheel(directory: Path, text: WheelText) -> Path:
    """Write a wheel and its receipt below ``directory`` and return the receipt."""
    wheel = Wheel(
        distribution=text.distribution,
        version=text.version,
        files={f"_{text.distribution.lower().replace('-', '_')}/payload.bin": text.payload},
        requires=text.requires,
        fields=(f"Summary: {text.summary}", *text.fields),
    )
    return _write(
        directory / text.package / text.family / wheel.filename,
        wheel.zipped(),
        text=text,
        metadata=wheel.metadata,
        members=wheel.members(),
    )


def make_sdist(directory: Path, *, version: str = "10.1.0", families: tuple[str, ...] = FAMILIES) -> Path:
    """Write the ``rocm`` sdist, whose backend is in its tree, and return its receipt."""
    text = WheelText(distribution="rocm", package="meta", version=version, summary="ROCm, chosen by extras")
    extras = [
        line
        for family in families
        for package in ("libraries", "devel")
        for line in (
            f"Provides-Extra: {package}-{family.lower()}",
            f"Requires-Dist: rocm-sdk-{package}-{family}=={version}; extra == '{package}-{family.lower()}'",
        )
    ]
    head = ["Metadata-Version: 2.2", "Name: rocm", f"Version: {version}", f"Summary: {text.summary}"]
    common = [*head, "Requires-Python: >=3.10"]
    pkg_info = "\n".join([*common, "Dynamic: Requires-Dist", "Dynamic: Provides-Extra", ""])
    built = "\n".join([*common, f"Requires-Dist: rocm-sdk-core=={version}", *extras, ""])
    root = f"rocm-{version}"
    files = {
        f"{root}/PKG-INFO": pkg_info,
        f"{root}/pyproject.toml": PYPROJECT,
        f"{root}/METADATA": built,
        f"{root}/backend.py": BACKEND,
    }
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content.encode())
            tar.addfile(member, io.BytesIO(content.encode()))
    return _write(
        directory / "meta" / "generic" / f"rocm-{version}.tar.gz",
        buffer.getvalue(),
        text=text,
        metadata=pkg_info,
        members={},
    )


PYPROJECT = """[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""

BACKEND = """
import base64, hashlib, pathlib, zipfile

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    metadata = pathlib.Path("METADATA").read_text()
    version = metadata.split("Version: ")[2].split("\\n")[0]
    info = f"rocm-{version}.dist-info"
    name = f"rocm-{version}-py3-none-any.whl"
    files = {f"{info}/METADATA": metadata,
             f"{info}/WHEEL":
             "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"}
    record = f"{info}/RECORD,,\\n"
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        record += f"{path},sha256={digest},{len(text.encode())}\\n"
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / name, "w") as archive:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(path, text)
    return name
"""


def _write(path: Path, content: bytes, *, text: WheelText, metadata: str, members: dict[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # it may be hard-linked in a dist
    path.write_bytes(content)
    receipt = receipt_of(
        *(
            written(member, len(data), sha256=hashlib.sha256(data).hexdigest(), method=8)
            for member, data in members.items()
        ),
        package=text.package,
        family=text.family,
        distribution=text.distribution,
        version=text.version,
        filename=path.name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        metadata=metadata,
        metadata_sha256=hashlib.sha256(metadata.encode()).hexdigest(),
    )
    file = path.with_name(f"{path.name}.receipt.json")
    write_json(file, receipt)
    return file
