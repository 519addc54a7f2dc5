"""``develop:<family>`` and ``develop:<family>:<package>``: artifacts into an environment, without wheels in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from doit.exceptions import TaskFailed

from rules.analysis.families import families_of_targets
from rules.analysis.project import Project
from rules.loading.settings import Settings
from rules.plan import WHEEL_SET, has_wheel_set
from rules.task import Task, perform
from tools.errors import UserError
from tools.plan.product import Product
from tools.plan.spec import GENERIC

DEVELOP = "develop"


class Asked:
    """The families and products that a run is asked for: each task adds itself before the first of them runs."""

    def __init__(self) -> None:
        self.families: list[str] = []

    def add(self, family: str) -> None:
        """Note that all of a family is asked for."""
        if family not in self.families:
            self.families.append(family)

    def covers(self, family: str) -> bool:
        """Say whether a family that is asked for brings what ``family`` has, too."""
        return family in self.families or (family == GENERIC and bool(self.families))


def develop_tasks(project: Project) -> Iterator[Task]:
    """Yield a task for each family and each product, all in one group. They run whenever they are asked for."""
    asked, families = Asked(), project.products.families
    yield {
        "basename": DEVELOP,
        "name": None,
        "doc": "artifacts straight into the environment venv=...: develop:FAMILY, develop:FAMILY:PACKAGE",
    }
    scopes: dict[str, Sequence[str]] = {family: (family,) for family in (GENERIC, *families)}
    scopes |= dict(families_of_targets(project.specs, families))
    for name, members in scopes.items():
        yield _family_task(project, asked, name, members)
    for product in project.products.products:
        if product.holds_artifacts or product.rule == "sdist":
            yield _product_task(project, asked, product)


def _family_task(project: Project, asked: Asked, name: str, members: Sequence[str]) -> Task:
    products = [one for one in project.products.products if one.family in (GENERIC, *members)]
    doc = "what is for every GPU" if name == GENERIC else f"everything that {name} needs"
    check = partial(_check_family, project.settings, asked, name)
    action = (run_develop, [project, asked, name, products])
    return {"name": name, "doc": doc, "actions": [action], **_common(project, (GENERIC, *members), check)}


def _product_task(project: Project, asked: Asked, product: Product) -> Task:
    name = f"{product.family}:{product.package}"
    doc = f"{product.distribution} {product.version}"
    check = partial(check_develop, project.settings)
    action = (run_develop, [project, asked, product.family, [product], name])
    return {"name": name, "doc": doc, "actions": [action], **_common(project, (GENERIC, product.family), check)}


def _common(project: Project, families: Sequence[str], check: Callable[[], None]) -> Task:
    plans = [*dict.fromkeys(families), *(one.package for one in project.products.products if one.rule == "sdist")]
    plans += [WHEEL_SET] if has_wheel_set(project) else []
    return {
        "basename": DEVELOP,
        "task_dep": [f"plan:{plan}" for plan in plans],
        "uptodate": [False],
        "io": {"capture": False},
        "meta": {"check": check, "settings": ("venv", "link", "artifact_dir", "version", "families")},
    }


def check_develop(settings: Settings) -> None:
    """Find out whether there is an environment to develop into.

    :raises UserError: when none is named, or the one that is named is none.
    """
    from tools.develop.environment import find_environment

    if settings.venv is None:
        raise UserError("venv: is not set; `develop` needs venv=DIRECTORY, a virtual environment")
    find_environment(settings.venv)


def _check_family(settings: Settings, asked: Asked, family: str) -> None:
    check_develop(settings)
    asked.add(family)


def run_develop(
    project: Project, asked: Asked, family: str, products: Sequence[Product], alone: str = ""
) -> TaskFailed | dict[str, Any] | None:
    """Put ``products`` into the environment; ``alone`` is the name of a task for one of them.

    What a task for more of them brings as well is left to that.
    """
    others = [one for one in asked.families if alone or one != family]
    if (alone and asked.covers(family)) or (family == GENERIC and others):
        return None
    return perform(project.engine, partial(_job, project, asked, products, bool(alone)))


def _job(project: Project, asked: Asked, products: Sequence[Product], alone: bool) -> tuple[Any, Any]:
    from tools.develop.develop import develop
    from tools.develop.part import DevelopRequest

    settings = project.settings
    assert settings.venv is not None, "check_develop saw to it"
    named = [family for family in asked.families if family != GENERIC]
    return develop, DevelopRequest(
        venv=settings.venv,
        parts=tuple(
            _part(project, product, alone) for product in products if product.holds_artifacts or product.rule == "sdist"
        ),
        artifacts=project.source,
        family=named[0] if len(named) == 1 else "",
        detection=_detection(project),
        make_trees=not alone,
        link="hard" if settings.link == "hard" else "copy",
        wait=settings.wait,
    )


def _part(project: Project, product: Product, alone: bool) -> Any:
    from tools.develop.part import Part

    is_sdist = product.rule == "sdist"
    folder = project.settings.build_dir / DEVELOP / product.family / product.package
    return Part(plan=project.plan(product), folder=folder, requested=alone or is_sdist, sdist=is_sdist)


def _detection(project: Project) -> Any:
    """Return the carried wheel that finds GPUs, if the specs have one."""
    from tools.develop.sdist import Detection

    for package in project.specs.packages:
        if package.carried is not None:
            return Detection(wheel=project.carried_dir / package.carried.file, sha256=package.carried.sha256)
    return None
