"""``dist`` and ``index``: the flat directory of everything built, and the pages over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from packaging.utils import canonicalize_name

from rules.project import Project
from rules.task import Task, step
from tools.dist.choices import Gpu
from tools.dist.gather import SUMS, DistRequest, gather
from tools.dist.index import IndexRequest, write_index
from tools.dist.listing import METADATA_SUFFIX

DIST = "dist"  # task names
INDEX = "index"
RULE_VERSION = 1  # of what the pages say beside templates and receipts


def dist_tasks(project: Project) -> Iterator[Task]:
    """Yield the task that gathers every wheel and sdist, and the one that writes the index."""
    dist = project.settings.dist_dir
    receipts = tuple(project.receipt(product) for product in project.products.products)
    names = [product.filename for product in project.products.products]
    yield step(
        DIST,
        None,
        "every wheel and sdist in one flat directory, and nothing else of ours",
        engine=project.engine,
        function=gather,
        request=DistRequest(receipts=receipts, dist_dir=dist),
        inputs=receipts,
        outputs=[dist / name for name in (*names, SUMS)],
        key={},
        meta={"next": "doit index"},
    )
    yield step(
        INDEX,
        None,
        "the index over dist/: index.html for --find-links, simple/, metadata side files",
        engine=project.engine,
        function=write_index,
        request=IndexRequest(receipts=receipts, dist_dir=dist, gpus=_gpus(project)),
        inputs=[*receipts, *sorted((project.specs_dir / "templates").iterdir())],
        outputs=_pages(project),
        key={
            "rule": RULE_VERSION,
            "gpus": [[gpu.target, gpu.product, *gpu.families] for gpu in _gpus(project)],
        },
        after=[DIST],
        meta={"next": f"pip install --no-index --find-links {dist} '{_example(project)}'"},
    )


def _gpus(project: Project) -> tuple[Gpu, ...]:
    return tuple(
        Gpu(target=target.name, product=target.product, families=target.families) for target in project.specs.targets
    )


def _pages(project: Project) -> list[Path]:
    dist, products = project.settings.dist_dir, project.products.products
    wheels = [product.filename for product in products if product.filename.endswith(".whl")]
    folders = ["simple", *sorted({f"simple/{canonicalize_name(one.distribution)}" for one in products})]
    pages = [f"{folder}/index.{kind}" for folder in folders for kind in ("html", "json")]
    return [dist / name for name in (*(wheel + METADATA_SUFFIX for wheel in wheels), *pages, "index.html")]


def _example(project: Project) -> str:
    """Return what someone with the first family's GPU would install."""
    for product in project.products.products:
        if product.family in project.products.families and product.package in ("libraries", "device"):
            return f"rocm[{canonicalize_name(f'{product.package}-{product.family}')}]"
    return "rocm"
