"""The order that DLLs are loaded in, as the build found it, and Microsoft's runtime that they need."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rocm_sdk_core._errors import SdkError

ENDING = ".loads.json"  # each wheel with DLLs ships one, directly in its platform directory


@dataclass(frozen=True)
class Loads:
    """What the wheels of one platform directory say of its DLLs."""

    before: Mapping[str, tuple[str, ...]]  # DLL below site-packages -> DLLs to load first, in order
    runtime: tuple[str, ...]  # DLLs of Microsoft's C++ runtime, in lower case


def read(directory: Path) -> Loads:
    """Return what the tables in the platform directory say; without a table, nothing.

    :raises SdkError: when a table is damaged.
    """
    before: dict[str, tuple[str, ...]] = {}
    runtime: set[str] = set()
    for file in sorted(directory.glob(f"*{ENDING}")):
        try:
            content = json.loads(file.read_bytes())
            before |= {str(path): tuple(map(str, first)) for path, first in content["before"].items()}
            runtime |= {str(name) for name in content["runtime"]}
        except (ValueError, TypeError, KeyError, AttributeError):
            raise SdkError(f"{file}: is damaged; reinstall the wheel it belongs to") from None
    return Loads(before, tuple(sorted(runtime)))


def in_order(library: Path) -> list[Path]:
    """Return the DLL behind all that it needs of the ROCm packages, each an absolute path.

    :raises SdkError: when one of them is not there, or a table is damaged.
    """
    directory = platform_directory(library)
    if directory is None:
        return [library]
    site = directory.parent
    before = read(directory).before.get(library.relative_to(site).as_posix(), ())
    paths = [site / path for path in before]
    if missing := [str(path) for path in paths if not path.is_file()]:
        raise SdkError(f"{library} needs {', '.join(missing)}, and that is missing; run 'rocm-sdk check'")
    return [*paths, library]


def platform_directory(library: Path) -> Path | None:
    """Return the directory in site-packages that the library is in."""
    return next((parent for parent in library.parents if parent.name.startswith("_rocm_")), None)
