"""Whether all that the DLLs and programs of a set of wheels need is found, by file and by symbol. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from posixpath import basename
from typing import Literal, NamedTuple

from tools.errors import listed
from tools.pe.model import X86_64, PeFacts, PeImport, machine_name
from tools.windows.lists import Lists
from tools.windows.search import Package, Set, file_name

_HOPS = 16  # forwarders that lead to forwarders; more are a circle


class Problem(NamedTuple):
    """What is wrong with one file of a set, as a sentence without the file."""

    package: str  # distribution
    path: str  # below site-packages
    severity: Literal["error", "warning"]
    sentence: str


def problems(packages: Iterable[Package], lists: Lists, *, machine: int = X86_64) -> list[Problem]:
    """Return everything that keeps a DLL or a program of the set from being loaded on ``machine``, sorted."""
    found = Set(tuple(packages))
    return sorted({problem for path in found.files for problem in _File(found, lists, path).problems(machine)})


def runtime_needed(package: Package, lists: Lists) -> tuple[str, ...]:
    """Return the DLLs of Microsoft's C++ runtime that files of the package need, in lower case, sorted."""
    wanted = (one.library.lower() for facts in package.files.values() for one in facts.imports)
    return tuple(sorted({name for name in wanted if (known := lists.kind(name)) and known[0] == "runtime"}))


class _File:
    def __init__(self, found: Set, lists: Lists, path: str) -> None:
        self.set, self.lists, self.path = found, lists, path
        self.facts = found.files[path]
        self.package = found.owners[path]
        self.directories = found.directories(path)

    def problems(self, machine: int) -> Iterator[Problem]:
        if self.facts.machine != machine:
            yield self._error(f"is for {machine_name(self.facts.machine)}, in a wheel for {machine_name(machine)}")
            return
        for wanted in self.facts.imports:
            yield from self._import(wanted, "error")
        for wanted in self.facts.delayed:
            yield from self._import(wanted, "warning")
        if self.facts.library:
            yield from self._forwards()
        else:
            yield from self._below_program()

    def _import(self, wanted: PeImport, severity: Literal["error", "warning"]) -> Iterator[Problem]:
        place = self.set.find(wanted.library, self.directories)
        if place is None:
            if reason := self._absent(wanted.library):
                yield self._problem(severity, f"needs {wanted.library}, {reason}")
            return
        found = self.set.files[place]
        if found.machine != self.facts.machine:
            here, there = machine_name(self.facts.machine), machine_name(found.machine)
            yield self._problem(severity, f"is for {here} and needs {wanted.library}, but {place} is for {there}")
            return
        missing = [symbol for symbol in wanted.symbols if not _exports(found, symbol)]
        if missing:
            yield self._problem(
                severity, f"imports {listed(missing)} from {wanted.library}, and {place} exports no such symbol"
            )

    def _absent(self, library: str) -> str | None:
        """Return what is wrong with a DLL that no directory has, or None when Windows or Microsoft brings it."""
        known = self.lists.kind(file_name(library))
        if known is not None:
            return None if known[0] in ("system", "runtime") else known[1]
        where = "beside it" if not self.facts.library else f"in {' or '.join(self.directories)}"
        elsewhere = sorted(self.set.elsewhere(library))
        hint = f"; Windows does not look at {listed(elsewhere)} from there" if elsewhere else ""
        return f"which is not {where} and is no known part of Windows{hint}"

    def _forwards(self) -> Iterator[Problem]:
        """Yield what is wrong with symbols that other DLLs have to bring."""
        for name, target in self.facts.forwards:
            if reason := self._dead_end(target, _HOPS):
                yield self._error(f"forwards {name} to {target}, {reason}")

    def _dead_end(self, target: str, hops: int) -> str | None:
        library, _, symbol = target.rpartition(".")
        place = self.set.find(library, self.directories)
        if place is None:
            reason = self._absent(library)
            return f"and {file_name(library)} is nowhere: {reason}" if reason else None
        if not hops:
            return "which leads in a circle"
        if not _exports(self.set.files[place], symbol):
            return f"and {place} exports no such symbol"
        further = dict(self.set.files[place].forwards).get(symbol)
        return self._dead_end(further, hops - 1) if further else None

    def _below_program(self) -> Iterator[Problem]:
        """Yield DLLs that are found for a DLL that Python loads, but not for this program: it sees one directory."""
        seen, waiting = {self.path}, [self.path]
        while waiting:
            path = waiting.pop()
            for wanted in self.set.files[path].imports:
                place = self.set.find(wanted.library, self.directories)
                if place is not None and place not in seen:
                    seen.add(place)
                    waiting.append(place)
                elif place is None and path != self.path and (reason := self._absent(wanted.library)):
                    yield self._error(f"needs {basename(path)}, which needs {wanted.library}, {reason}")

    def _error(self, sentence: str) -> Problem:
        return self._problem("error", sentence)

    def _problem(self, severity: Literal["error", "warning"], sentence: str) -> Problem:
        return Problem(self.package.name, self.path, severity, sentence)


def _exports(facts: PeFacts, symbol: str) -> bool:
    if symbol.startswith("#"):
        return facts.has_ordinal(int(symbol[1:]))
    return _contains(facts.exports, symbol)


def _contains(names: Sequence[str], name: str) -> bool:
    position = bisect_left(names, name)
    return position < len(names) and names[position] == name
