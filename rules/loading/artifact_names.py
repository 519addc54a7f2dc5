"""Names of artifacts: one strict grammar, since they come from the file system."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tools.artifact.source import ArtifactSource
from tools.errors import UserError, listed
from tools.plan.spec import COMPONENTS

_WORDS = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_FAMILY = r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*"  # gfx94X-dcgpu
_TARGET = r"gfx[0-9a-f]+(?::[a-z]+[+-])+"  # gfx950:xnack+, LLVM's target ID
_NAME = re.compile(
    rf"(?P<name>{_WORDS})_(?P<component>{'|'.join(COMPONENTS)})_(?P<family>{_FAMILY}|{_TARGET})", re.ASCII
)
_SHAPE = f"NAME_COMPONENT_FAMILY (such as blas_lib_gfx94X-dcgpu; components: {', '.join(COMPONENTS)})"


@dataclass(frozen=True, slots=True, order=True)
class ArtifactName:
    """The three parts of an artifact's name; ``str()`` is that name."""

    name: str
    component: str
    family: str

    @classmethod
    def parse(cls, text: str) -> ArtifactName:
        """Return the parts of ``text``.

        :raises UserError: when it is not in the grammar.
        """
        match = _NAME.fullmatch(text)
        if not match:
            raise UserError(f"{text!r} is not the name of an artifact: {_SHAPE}")
        return cls(**match.groupdict())

    def __str__(self) -> str:
        return f"{self.name}_{self.component}_{self.family}"


def list_artifacts(source: ArtifactSource) -> tuple[ArtifactName, ...]:
    """Return the names of the artifacts of a source, sorted. Hidden entries and files are passed over.

    :raises UserError: when it cannot be read, holds none, or has a directory that is not named like one, or a file or
        a link to nothing that is.
    """
    names, others = source.listing()
    if lost := [name for name in others if _NAME.fullmatch(name)]:
        raise UserError(f"{source}: named like an artifact and no directory: {listed(lost)}")
    if strange := [name for name in names if not _NAME.fullmatch(name)]:
        culprits = listed(repr(name) for name in strange)
        raise UserError(f"{source}: not named like an artifact, {_SHAPE}: {culprits}")
    if not names:
        raise UserError(f"{source}: holds no artifact; their directories or archives are named {_SHAPE}")
    return tuple(sorted(ArtifactName.parse(name) for name in names))
