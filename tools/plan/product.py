"""One file of the dist, as far as names go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tools.plan.spec import GENERIC


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One file of the dist: a package, for one family or for all."""

    package: str
    family: str  # "generic", a family, or a base GFX target
    rule: Literal["wheel", "devel", "sdist", "carried"]
    distribution: str  # as in METADATA: "rocm-sdk-libraries-gfx94X-dcgpu"
    version: str
    filename: str
    dist_info: str  # "rocm_sdk_libraries_gfx94x_dcgpu-10.1.0.dist-info"
    import_name: str  # "rocm_sdk_libraries_gfx94X_dcgpu"
    platform_package: str  # where its files go: "_rocm_sdk_libraries_gfx94X_dcgpu"
    artifacts: tuple[str, ...]  # directories whose files it may ship, sorted

    @property
    def holds_artifacts(self) -> bool:
        """Say whether it is a wheel that is made of artifacts."""
        return self.rule in {"wheel", "devel"}


def devel_root(product: Product, products: Sequence[Product]) -> str:
    """Return the platform package of the devel tree that a wheel's links belong to."""
    devel = [other for other in products if other.rule == "devel" and other.family in {product.family, GENERIC}]
    return max(devel, key=lambda other: other.family == product.family).platform_package
