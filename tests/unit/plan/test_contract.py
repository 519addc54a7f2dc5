"""The planner takes what ``packaging_specs/`` says: every artifact that it names, in both layouts, for both systems."""

from __future__ import annotations

from collections import Counter

import pytest

from rules.loading.specs import load_specs
from tests.support.places import SPECS
from tests.support.planner import Planner, Tree, file, make_planner
from tools.plan.spec import Claim, Specs
from tools.platform.tags import system_of

TAGS = ("linux_x86_64", "win_amd64")
every_kind = [(layout, tag) for layout in ("per-family", "kpack-split") for tag in TAGS]
OWN = {"per-family": "gfx120X-all", "kpack-split": "gfx1201"}  # whose artifacts there are, besides generic ones
DESCRIPTION = (SPECS / "templates" / "description.md.j2").read_text(encoding="utf-8")


def path_of(specs: Specs, claim: Claim, artifact: str, component: str) -> str:
    """Return a path that the claim takes, and no other artifact has: of its own name, or as a pattern wants it."""
    own = f"share/{artifact}/{component}.txt"
    return next((p.replace("**", artifact).replace("*", f"-{artifact}-{component}") for p in claim.include), own)


def everything(specs: Specs, own: str) -> Tree:
    """Return a file of each artifact, generic and of one family or target, that a package of the specs claims."""
    tree: dict[str, dict[str, object]] = {}
    for package in specs.packages:
        of_one = [scope for scope in specs.cut(package.name).per if scope != "generic"]
        for claim in package.claims:
            for artifact in claim.artifacts:
                for component in claim.components:
                    for scope in ("generic", own) if of_one else ("generic",):
                        path = path_of(specs, claim, artifact, component)
                        path += "" if scope == "generic" else f".{own}"
                        tree.setdefault(f"{artifact}_{component}_{scope}", {})[path] = file(path)
    return tree  # type: ignore[return-value]


@pytest.fixture(params=every_kind, ids="-".join)
def planned(request: pytest.FixtureRequest) -> tuple[Planner, str]:
    layout, tag = request.param
    specs = load_specs(SPECS, layout, system_of(tag))
    return make_planner(everything(specs, OWN[layout]), specs=specs, tag=tag, description=DESCRIPTION), OWN[layout]


def test_every_file_is_a_member_or_left_out_with_a_reason(planned):
    planner, own = planned

    for family in ("generic", own):
        plan = planner.plan(family)
        sources = {member.source for wheel in plan.wheels for member in wheel.members if member.source}
        reasons = {f"{row.artifact}/stage/{row.path}" for row in plan.report.left_out if row.reason}
        linked = {row.path for row in plan.tree.rows}
        for name, catalog in planner.catalogs.items():
            if name.endswith(f"_{family}"):
                for entry in catalog.entries:
                    place = f"{name}/stage/{entry.path}"
                    assert place in sources | reasons or entry.path in linked, place


def test_components_that_nobody_else_takes_are_development_files(planned):
    planner, _ = planned
    artifacts = {name for name in planner.catalogs if name.endswith("_doc_generic")}

    [devel] = [wheel for wheel in planner.plan().wheels if wheel.package == "devel"]

    owned = Counter(member.source.partition("/")[0] for member in devel.members)
    assert artifacts
    assert all(owned[artifact] for artifact in artifacts)


@pytest.mark.parametrize(
    ("family", "package", "requirement"),
    [("generic", "core", "rocm"), ("gfx120X-all", "libraries", "rocm[libraries-gfx120x-all]")],
)
def test_the_description_says_how_to_install_the_wheel(family, package, requirement):
    specs = load_specs(SPECS, "per-family")
    planner = make_planner(everything(specs, "gfx120X-all"), specs=specs, description=DESCRIPTION)

    [wheel] = [wheel for wheel in planner.plan(family).wheels if wheel.package == package]

    metadata = next(member.argument for member in wheel.members if member.path.endswith("METADATA"))
    assert f"    pip install --find-links DIRECTORY_OR_URL '{requirement}'\n" in metadata
