"""Small sets of wheels as facts alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.support.places import SPECS
from tools.pe.model import PeFacts, PeImport
from tools.windows.lists import Lists, read_lists
from tools.windows.search import Package

CORE, LIBRARIES = "_rocm_sdk_core", "_rocm_sdk_libraries"


def lists() -> Lists:
    return read_lists(SPECS / "windows")


def pe(
    *exports: str,
    library: bool = True,
    machine: int = 0x8664,
    ordinals: Sequence[tuple[int, int]] = (),
    forwards: Mapping[str, str] | None = None,
    delayed: Mapping[str, Sequence[str]] | None = None,
    **imports: Sequence[str],
) -> PeFacts:
    """Return facts; imports are DLL (without its ending) -> symbols."""
    return PeFacts(
        machine=machine,
        bits=64,
        library=library,
        subsystem=3,
        name=None,
        imports=tuple(PeImport(f"{name}.dll", tuple(symbols)) for name, symbols in imports.items()),
        delayed=tuple(PeImport(f"{name}.dll", tuple(symbols)) for name, symbols in (delayed or {}).items()),
        exports=tuple(sorted((*exports, *(forwards or {})))),
        ordinals=tuple(ordinals),
        forwards=tuple(sorted((forwards or {}).items())),
        signature=0,
        overlay=0,
        version=None,
    )


def core(**files: PeFacts) -> dict[str, PeFacts]:
    """Return the files that every set here has, and more of core; names with "__" for "/" and without ".dll"."""
    every = {
        "amd_comgr": pe("amd_comgr_do_action", MSVCP140=["new"], KERNEL32=["Sleep"]),
        "rocm_kpack": pe("kpack_open"),
        "amdhip64_7": pe("hipInit", "hipFree", rocm_kpack=["kpack_open"], KERNEL32=["Sleep"]),
        "hiprtc0714": pe("hiprtcVersion"),
        "hiprtc-builtins0714": pe("header"),
    } | files
    return {f"{CORE}/bin/{name.replace('__', '/')}.dll": facts for name, facts in every.items()}


def package(role: str, files: Mapping[str, PeFacts], *requires: str) -> Package:
    return Package(
        name=f"rocm-sdk-{role}", role=role, directory=f"_rocm_sdk_{role}", requires=requires, files=dict(files)
    )


def two(libraries: Mapping[str, PeFacts], **files: PeFacts) -> list[Package]:
    """Return core and libraries; the paths of libraries are below its platform package."""
    below = {f"{LIBRARIES}/{path}": facts for path, facts in libraries.items()}
    return [package("core", core(**files)), package("libraries", below, "rocm-sdk-core")]
