"""Loads shared libraries as the system's loader does: each in a process of its own, with no variable set."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from tests.support.places import SPECS
from tools.elf.facts import read_elf_facts
from tools.elf.model import ElfFacts

EM_X86_64 = 62

# Forked, since starting Python for each of a hundred libraries would take longer than loading them.
LOADER = """
import ctypes, json, os, sys
failures = {}
for path, function in json.load(sys.stdin):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            library = ctypes.CDLL(path, mode=os.RTLD_NOW)
            said = str(getattr(library, function)()) if function else ""
        except OSError as error:
            said = str(error)
        os.write(write, said.encode())
        os._exit(0)
    os.close(write)
    with open(read, "rb") as stream:
        said = stream.read().decode()
    _, status = os.waitpid(child, 0)
    failures[path] = said if status == 0 else f"ended with {os.waitstatus_to_exitcode(status)}"
json.dump(failures, sys.stdout)
"""


def elf_files(directory: Path) -> dict[Path, ElfFacts]:
    """Return every ELF file below ``directory``, links apart."""
    found = {}
    for path in sorted(directory.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if facts := read_elf_facts(file, path.stat().st_size):
                    found[path] = facts
    return found


def shared_libraries(directory: Path) -> list[Path]:
    """Return the libraries that a process of this machine can map: GPU code and i386 ones are for others."""
    return [
        path
        for path, facts in elf_files(directory).items()
        if facts.is_library and facts.machine == EM_X86_64 and facts.bits == 64
    ]


def load_failures(libraries: Iterable[Path], **environment: str) -> dict[Path, str]:
    """Return what the loader says of each library that does not load."""
    return {path: said for path, said in _answers([(path, "") for path in libraries], environment).items() if said}


def answer(library: Path, function: str) -> str:
    """Return what a function without arguments of ``library`` gives back, or what the loader says."""
    return _answers([(library, function)], {})[library]


def missing_of_system(failures: dict[Path, str]) -> set[str]:
    """Return the libraries that this machine lacks, if they are the reason for every failure; else nothing.

    They are those of packaging_specs/system_libraries.toml: what no wheel brings.
    """
    pattern = re.compile(r"^(\S+): cannot open shared object file: No such file or directory$")
    found = [pattern.match(said) for said in failures.values()]
    names = {match[1] for match in found if match}
    return names if all(found) and names <= system_libraries() else set()


def system_libraries() -> set[str]:
    """Return the SONAMEs that wheels may need and none of them brings."""
    specs = SPECS / "system_libraries.toml"
    return {row["name"] for row in tomllib.loads(specs.read_text())["library"]}


def _answers(calls: Iterable[tuple[Path, str]], environment: dict[str, str]) -> dict[Path, str]:
    done = subprocess.run(
        [sys.executable, "-c", LOADER],
        input=json.dumps([(str(path), function) for path, function in calls]),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {Path(path): said for path, said in json.loads(done.stdout).items()}
