"""Requirements and extras: everything that a distribution of ours asks for lies in the dist, in that version."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from packaging.requirements import Requirement
from packaging.version import Version

from tools.naming import project_name
from tools.platform.tags import LINUX
from tools.verify.finding import Finding, error, warning
from tools.verify.identity import Wheel
from tools.verify.sdist import Sdist


def applies(requirement: Requirement, system: str) -> bool:
    """Say whether something is required on a system, without an extra."""
    marker = requirement.marker
    return marker is None or marker.evaluate({"sys_platform": system, "extra": ""})


class Requirements:
    """What the distributions of a dist ask of each other on ``system``. Those of ``ours`` must be pinned exactly."""

    def __init__(
        self, wheels: Sequence[Wheel], sdists: Sequence[Sdist], ours: Collection[str], system: str = LINUX
    ) -> None:
        self.wheels, self.sdists, self.ours, self.system = wheels, sdists, ours, system
        self.offered: dict[str, set[str]] = {}
        for project, version in [
            *((wheel.identity.project, wheel.identity.version) for wheel in wheels),
            *((sdist.project, sdist.version) for sdist in sdists),
        ]:
            self.offered.setdefault(project, set()).add(version)

    def check(self) -> Iterator[Finding]:
        """Yield what nothing in the dist meets, loose pins, and wheels that no extra brings."""
        for wheel in self.wheels:
            if wheel.identity.project in self.ours:
                for requirement in wheel.identity.requires:
                    yield from self._check_one(wheel.name, wheel.identity.version, requirement, str(requirement))
        for sdist in self.sdists:
            for extra, requirements in sdist.requirements():
                if extra != project_name(extra):
                    yield error(sdist.filename, "requirements", "is no extra's name in normal form (PEP 685)", extra)
                for requirement in filter(self._applies, requirements):
                    text = f"{requirement} (extra {extra})" if extra else str(requirement)
                    yield from self._check_one(sdist.filename, sdist.version, requirement, text)
        yield from self._check_reached()

    def _applies(self, requirement: Requirement) -> bool:
        return applies(requirement, self.system)

    def _check_one(self, file: str, version: str, requirement: Requirement, text: str) -> Iterator[Finding]:
        project = project_name(requirement.name)
        if project in self.ours and not _is_pin(requirement, version):
            yield error(file, "requirements", f"must be pinned to {version} exactly", text)
            return
        there = sorted(self.offered.get(project, ()), key=Version)
        if not there:
            yield error(file, "requirements", "is not met: the dist has no such distribution", text)
        elif not any(requirement.specifier.contains(one, prereleases=True) for one in there):
            yield error(file, "requirements", f"is not met: the dist has {', '.join(there)}", text)

    def _check_reached(self) -> Iterator[Finding]:
        if not self.sdists:
            return
        brought = self._closure(
            project_name(one.name)
            for sdist in self.sdists
            for _, wanted in sdist.requirements()
            for one in filter(self._applies, wanted)
        )
        for wheel in self.wheels:
            if wheel.identity.project in self.ours and wheel.identity.project not in brought:
                yield warning(wheel.name, "requirements", f"no extra of {self.sdists[0].project} installs it")

    def _closure(self, projects: Iterable[str]) -> set[str]:
        requires: dict[str, set[str]] = {}
        for wheel in self.wheels:
            names = {project_name(one.name) for one in wheel.identity.requires}
            requires.setdefault(wheel.identity.project, set()).update(names)
        pending = list(projects)
        found = set(pending)
        while pending:
            new = requires.get(pending.pop(), set()) - found
            found |= new
            pending += new
        return found


def _is_pin(requirement: Requirement, version: str) -> bool:
    return [(one.operator in ("==", "==="), one.version) for one in requirement.specifier] == [(True, version)]
