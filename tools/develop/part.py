"""What is asked for, and the quick look that tells whether an environment holds it already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tools.artifact.source import ArtifactSource
from tools.develop.environment import Environment
from tools.develop.holding import read_state, stamp_of
from tools.develop.model import Link, State
from tools.develop.sdist import Detection
from tools.errors import UserError
from tools.naming import DIST_INFO, project_name
from tools.wheel.versions import FORWARDER_VERSION, RPATH_VERSION, STUB_VERSION

DEVELOP_VERSION = 1  # goes up when the same plan puts something else into an environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One distribution that is asked for."""

    plan: Path
    folder: Path  # its own: of its states, and what its direct_url.json names
    requested: bool  # by its name, rather than as what another needs
    sdist: bool = False

    def state_file(self, environment: Environment) -> Path:
        """Return the file with what was put into an environment."""
        return self.folder / f"{sha256(str(environment.directory).encode()).hexdigest()[:16]}.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopRequest:
    """What an environment is to hold."""

    venv: Path
    parts: tuple[Part, ...]
    artifacts: ArtifactSource
    family: str = ""  # that the wheel of the sdist is for; "": whatever this machine says
    detection: Detection | None = None  # where no family is named
    make_trees: bool = True  # make the links of the devel trees; else only those of trees that are made already
    link: Link = "copy"
    wait: bool = True


@dataclass(slots=True)
class Known:
    """A part, and what earlier runs wrote down of it."""

    part: Part
    file: Path
    state: State
    made_from: str  # what it is to be made from; "": that cannot be told before

    def is_settled(self, environment: Environment, directories: Mapping[str, list[str]]) -> bool:
        """Say whether the environment holds just what this makes; ``directories``: project -> metadata directories."""
        state, site = self.state, environment.site
        if not self.made_from or state.made_from != self.made_from or state.begun:
            return False
        project = project_name(state.dist_info.removesuffix(DIST_INFO).partition("-")[0])
        if directories.get(project) != [state.dist_info]:
            return False
        return all(stamp_of(f"{site}/{path}") == held.stamp for path, held in state.held.items())


def known_of(request: DevelopRequest, part: Part, environment: Environment) -> Known:
    """Return what is known of a part.

    :raises UserError: when its plan cannot be read.
    """
    file = part.state_file(environment)
    return Known(part, file, read_state(file), _made_from(request, part, environment))


def _made_from(request: DevelopRequest, part: Part, environment: Environment) -> str:
    if part.sdist and not request.family:
        return ""
    try:
        plan = sha256(part.plan.read_bytes()).hexdigest()
    except OSError as error:
        raise UserError(f"{part.plan}: cannot be read: {error.strerror}") from None
    versions = (DEVELOP_VERSION, RPATH_VERSION, STUB_VERSION, FORWARDER_VERSION)
    place = (str(part.folder), part.requested, str(environment.python))
    built = (request.family, environment.version) if part.sdist else ()
    return sha256(repr((plan, versions, place, built)).encode()).hexdigest()
