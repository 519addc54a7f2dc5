"""Wheels of other projects: real archives with real libraries, as a compiler makes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.support.compiler import compile_library
from tests.support.wheels import Wheel


@dataclass(frozen=True, kw_only=True)
class Library:
    """A shared library: ``needs`` names others as (SONAME, version of a symbol or "")."""

    soname: str = ""
    needs: tuple[tuple[str, str], ...] = ()
    runpath: str = ""
    rpath: str = ""
    versions: tuple[str, ...] = ()  # that it defines


def compiled(directory: Path, library: Library) -> bytes:
    """Return the bytes of the library."""
    directory.mkdir(parents=True, exist_ok=True)
    linked = [_stub(directory, soname, version) for soname, version in library.needs]
    options = [f"-Wl,-soname,{library.soname}"] if library.soname else []
    if library.runpath:
        options += ["-Wl,--enable-new-dtags", f"-Wl,-rpath,{library.runpath}"]
    if library.rpath:
        options += ["-Wl,--disable-new-dtags", f"-Wl,-rpath,{library.rpath}"]
    source = "".join(
        f"extern int {_symbol(soname)}(void); int use_{number}(void) {{ return {_symbol(soname)}(); }}"
        for number, (soname, _) in enumerate(library.needs)
    )
    source += "".join(f"int own_{number}(void) {{ return {number}; }}" for number in range(len(library.versions) or 1))
    if library.versions:
        options.append(f"-Wl,--version-script={_script(directory, library.versions)}")
    out = directory / "made.so"
    compile_library(out, source, "-nostdlib", *options, "-Wl,--no-as-needed", *linked)
    return out.read_bytes()


def make_foreign(
    directory: Path, name: str, version: str, files: dict[str, bytes], *, requires: tuple[str, ...] = ()
) -> Path:
    """Write a wheel of this project, for another platform than ours, and return it."""
    distribution, tag = name.replace("_", "-"), "py3-none-manylinux_2_27_x86_64"
    return Wheel(distribution=distribution, version=version, files=files, requires=requires, tag=tag).write(directory)


def _stub(directory: Path, soname: str, version: str) -> str:
    """Make a library to link with, which has nothing but the name and perhaps one version."""
    out = directory / "stubs" / soname
    out.parent.mkdir(exist_ok=True)
    script = [f"-Wl,--version-script={_script(directory, (version,))}"] if version else []
    compile_library(out, f"int {_symbol(soname)}(void) {{ return 0; }}", "-nostdlib", f"-Wl,-soname,{soname}", *script)
    return str(out)


def _symbol(soname: str) -> str:
    return "of_" + "".join(letter if letter.isalnum() else "_" for letter in soname)


def _script(directory: Path, versions: tuple[str, ...]) -> Path:
    script = directory / f"{'-'.join(versions)}.map"
    nodes = [
        f"{version} {{ global: {'*' if number == 0 else f'own_{number}'}; }};"
        for number, version in enumerate(versions)
    ]
    script.write_text("\n".join(nodes))
    return script
