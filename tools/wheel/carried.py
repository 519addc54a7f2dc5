"""A wheel of another project, taken into the build as it was published."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tools.errors import UserError
from tools.files import write_bytes
from tools.receipt import Receipt
from tools.values import write_json
from tools.wheel.fetching import fetched
from tools.wheel.metadata import requires_python


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryRequest:
    """One wheel to take over."""

    source: Path  # fetched if it is missing
    sha256: str  # hex, that the file must have
    package: str
    distribution: str
    version: str
    directory: Path  # where the wheel goes
    receipt: Path


def carry_wheel(request: CarryRequest, context: object = None) -> None:
    """Write the wheel and its receipt.

    :raises UserError: when the file cannot be fetched, does not have the digest that the spec pins, or is no wheel.
    """
    content = fetched(request.source, request.sha256)
    metadata = _metadata(request.source)
    receipt = Receipt(
        package=request.package,
        family="generic",
        distribution=request.distribution,
        version=request.version,
        filename=request.source.name,
        size=len(content),
        sha256=request.sha256,
        requires_python=requires_python(metadata),
        metadata=metadata,
        metadata_sha256=hashlib.sha256(metadata.encode()).hexdigest(),
    )
    write_bytes(request.directory / request.source.name, content)
    write_json(request.receipt, receipt)


def _metadata(source: Path) -> str:
    try:
        with zipfile.ZipFile(source) as wheel:
            name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
            return wheel.read(name).decode("utf-8")
    except (zipfile.BadZipFile, StopIteration, UnicodeDecodeError):
        raise UserError(f"{source}: is not a wheel with METADATA; pin another one in the spec") from None
