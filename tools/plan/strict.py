"""What a strict build refuses and another one only tells: artifacts nobody takes, empty ones, files of other GPUs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tools.catalog.model import Catalog
from tools.errors import listed
from tools.plan.model import Member
from tools.plan.outcome import Outcome
from tools.plan.requests import PlanRequest
from tools.plan.targets import foreign_names


def doubts(request: PlanRequest, catalogs: Iterable[Catalog], members: Mapping[str, Sequence[Member]]) -> Outcome:
    """Return what is doubtful about a family's artifacts; ``members`` are those of each package's wheel."""
    return Outcome(doubts=[*_unclaimed(request), *_foreign(request, members), *_empty(request, catalogs)])


def _unclaimed(request: PlanRequest) -> list[str]:
    sentences = []
    for artifact in request.unclaimed:
        name, component, _ = artifact.split("_")
        files = [f"packages/{p.name}.toml" for p in request.specs.unlisted if p.claims_component(name, component)]
        sentences.append(
            f"{artifact}: is claimed in {listed(files)} alone, which layouts/{request.specs.layout}.toml does not "
            "list; add a line there, or name the artifact in ignored.toml"
            if files
            else f"{artifact}: no package claims it and ignored.toml does not name it; add it to one of them"
        )
    return sentences


def _empty(request: PlanRequest, catalogs: Iterable[Catalog]) -> list[str]:
    """Return a sentence for each artifact without a file that runtime packages claim: its build went wrong.

    What a target's wheel must have, the set of wheels decides: not every library has device code for every GPU.
    """
    runtime = [product for product in request.wheels if product.rule != "devel"]
    claimed = {n for p in runtime if "target" not in request.specs.cut(p.package).per for n in p.artifacts}
    return [
        f"{catalog.artifact}: is claimed and holds no file; build it again, or leave it out"
        for catalog in catalogs
        if catalog.artifact in claimed and all(entry.kind == "dir" for entry in catalog.entries)
    ]


def _foreign(request: PlanRequest, placed: Mapping[str, Sequence[Member]]) -> list[str]:
    """Return a sentence for each file of a target's wheel that is named after another target."""
    known = {target.name for target in request.specs.targets}
    cuts = [cut for cut in request.specs.cuts if "target" in cut.per]
    members = [member for cut in cuts for member in placed.get(cut.package, [])]
    return foreign_names(members, request.family, known)
