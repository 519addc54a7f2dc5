"""What the plan step is asked for, apart from the modules that do it, so that tasks can be listed without them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.plan.product import Product
from tools.plan.spec import Specs
from tools.platform.tags import LINUX

if TYPE_CHECKING:
    from tools.windows.lists import Lists

PROVENANCE = "provenance.json"  # beside tree.json of the generic artifacts: what all of them were built from
DLLS = "dlls.json"  # beside it, of wheels for Windows: what the generic DLLs and programs need and bring
SIDE_FILES = frozenset(
    {"report.json", "tree.json", PROVENANCE, DLLS}
)  # what lies beside the plans of a family's wheels


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What the wheels of one family are planned from and where the plans go."""

    family: str
    specs: Specs
    products: tuple[Product, ...]  # of the family, and the generic ones
    catalogs: tuple[Path, ...]  # of the family's artifacts
    shared: tuple[Path, ...]  # of generic artifacts that the family's wheels take files from
    generic: Path | None  # tree.json of the generic artifacts; None when planning these
    platform_tag: str
    strict: bool
    unclaimed: tuple[str, ...]  # artifact directories that nobody packages
    ignored: tuple[tuple[str, str], ...]  # artifact directory, reason
    notes: tuple[str, ...]
    unused: tuple[str, ...]  # sentences: claims that match no artifact
    runtime: Path  # packaging_specs/runtime
    description: Path  # template of the long descriptions
    windows: Lists | None = None  # what is known of Windows, for its wheels
    directory: Path  # written: <package>.json, report.json, tree.json; provenance.json for the generic family

    @property
    def wheels(self) -> tuple[Product, ...]:
        """The family's products that are made of artifacts."""
        return tuple(p for p in self.products if p.family == self.family and p.holds_artifacts)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaRequest:
    """What the sdist is planned from: names only, no artifact."""

    product: Product
    specs: Specs
    products: tuple[Product, ...]
    default_family: str | None
    runtime: Path  # packaging_specs/runtime
    description: Path  # template of the long description
    offered: tuple[tuple[str, tuple[str, ...]], ...] = ()  # family, its platforms; (): what is built here
    systems: tuple[str, ...] = (LINUX,)  # that have wheels, as sys.platform calls them
    plan: Path  # written


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRequest:
    """The plans of wheels that can be installed together, and what must be among them."""

    plans: tuple[Path, ...]
    expected: Mapping[str, tuple[str, ...]]  # GFX target -> artifacts that are not built for it
    strict: bool
    windows: bool = False
    report: Path  # written: how many paths were compared, and what is missing
