"""CMake's, pkg-config's and libtool's files: paths that lead nowhere in a devel tree, or to where it was built."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import NamedTuple

from tools.verify.finding import Finding, warning
from tools.verify.installed import Installed

ENDINGS = (".cmake", ".pc", ".la")

# Places of every system, which a file may name; what else is absolute was a path of the machine of the build.
_SYSTEM = ("/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/", "/etc/", "/dev/", "/proc/", "/sys/", "/opt/", "/Library/")
_ABSOLUTE = re.compile(r"(?<![\w.$}>)\[\]*\\/-])/(?!/)[\w.+-]+(?:/[\w.+-]+)+")
_REFERENCE = re.compile(r"\$\{(_IMPORT_PREFIX|PACKAGE_PREFIX_DIR)\}/([^\s;\"')$@<>*]+)(?=[\s;\"')]|\Z)")
_IMPORT_STEP = re.compile(r"get_filename_component\(_IMPORT_PREFIX \S+ PATH\)")  # one each directory upwards
_IMPORT_OTHERWISE = re.compile(r"(?:set|get_filename_component)\(_IMPORT_PREFIX (?!\S+ PATH\)|\"\"\))")
_PACKAGE_PREFIX = re.compile(r"PACKAGE_PREFIX_DIR \"?\$\{CMAKE_CURRENT_LIST_DIR\}((?:/\.\.)*)/?\"? ABSOLUTE")
_PC_PREFIX = re.compile(r"^prefix[ \t]*=[ \t]*(/\S*)", re.MULTILINE)


class _File(NamedTuple):
    """A file of a devel tree, and the member that it is."""

    path: str  # below the root
    wheel: str  # file name
    member: str
    text: str


def check_prefixes(installed: Installed) -> Iterator[Finding]:
    """Yield what the files of every devel tree name and no wheel has, and absolute paths."""
    for root, project in sorted(installed.roots().items()):
        files = list(_files(installed, root))
        imports = {dirname(file.path): steps for file in files if (steps := len(_IMPORT_STEP.findall(file.text)))}
        visible = installed.visible(project)
        for file in files:
            yield from _absolute(file)
            for reference, path in _references(file, imports):
                if not installed.has(normpath(join(root, path)), visible):
                    problem = "names what is not in the devel tree"
                    yield warning(file.wheel, "prefixes", problem, f"{file.member}: {reference}")


def _files(installed: Installed, root: str) -> Iterator[_File]:
    for path, place, member in installed.below(root):
        if path.endswith(ENDINGS):
            wheel = installed.wheels[place.project]
            text = wheel.contents.texts.get(member, b"").decode("utf-8", "replace")
            plain = re.sub(r"^[ \t]*#.*$", "", text, flags=re.MULTILINE)
            yield _File(path, wheel.name, member, plain)


def _absolute(file: _File) -> Iterator[Finding]:
    if file.path.endswith(".pc") and (prefix := _PC_PREFIX.search(file.text)):
        problem = "has a prefix that is not relative to ${pcfiledir}"
        yield warning(file.wheel, "prefixes", problem, f"{file.member}: {prefix[1]}")
    for path in sorted(set(_ABSOLUTE.findall(file.text))):
        if not path.startswith(_SYSTEM):
            yield warning(file.wheel, "prefixes", "names a path of the machine of the build", f"{file.member}: {path}")


def _references(file: _File, imports: dict[str, int]) -> Iterator[tuple[str, str]]:
    """Yield each reference as it is written, and the path below the root that it means."""
    if not file.path.endswith(".cmake"):
        return
    package = _PACKAGE_PREFIX.search(file.text)
    for name, rest in dict.fromkeys(_REFERENCE.findall(file.text)):
        if name == "_IMPORT_PREFIX" and dirname(file.path) in imports and not _IMPORT_OTHERWISE.search(file.text):
            prefix = file.path
            for _ in range(imports[dirname(file.path)]):
                prefix = dirname(prefix)
        elif name == "PACKAGE_PREFIX_DIR" and package:
            prefix = normpath(join(dirname(file.path), package[1].lstrip("/")))
        else:
            continue  # set somewhere else
        yield f"${{{name}}}/{rest}", join(prefix, rest)
