"""What a frozen program that imports ``rocm_sdk`` takes along: the platform directories, file by file.

PyInstaller's own collectors miss ``*.so.N`` and most data. Devel trees stay out: nothing needs them at run time. A spec
file leaves packages out by their logical names: ``hooksconfig={"rocm_sdk": {"exclude": ["profiler"]}}``.
"""

from __future__ import annotations

from pathlib import Path

from PyInstaller.utils.hooks import copy_metadata, get_hook_config

from rocm_sdk._installed import installed

OURS = ("devel",)  # never taken along


def hook(hook_api) -> None:
    """Add the files of every wheel that is not left out."""
    excluded = {*OURS, *(get_hook_config(hook_api, "rocm_sdk", "exclude") or ())}
    taken = [wheel for wheel in installed() if wheel.package not in excluded]
    for directory in dict.fromkeys(wheel.directory for wheel in taken):
        hook_api.add_datas(_files(directory))
    for distribution in ("rocm", *(wheel.distribution for wheel in taken)):
        hook_api.add_datas(copy_metadata(distribution))


def _files(directory: Path) -> list[tuple[str, str]]:
    """Return (file, directory in the program); modules among them, since PyInstaller takes only those imported."""
    return [
        (str(file), file.parent.relative_to(directory.parent).as_posix())
        for file in sorted(directory.rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    ]
