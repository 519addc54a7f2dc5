"""``doit explain``: what became of a path, told from the plans."""

from __future__ import annotations

import sys
from pathlib import Path

from doit.cmd_base import DoitCmdBase

from rules.commands.question import answer, needs, project_of, show
from rules.commands.standing import standings
from rules.doit_support.adapter import command_line
from rules.reporting.text import runnable


class Explain(DoitCmdBase):
    """Tells from the plans what became of a path."""

    name = "explain"
    doc_purpose = "tell which wheel ships a path and in which form, or why none does"
    doc_usage = "PATH... | --unused"
    doc_description = "PATH: in an artifact, a wheel or a devel tree; whole, or its end, or a pattern."
    cmd_options = (
        {
            "name": "unused",
            "long": "unused",
            "type": bool,
            "default": False,
            "help": "tell what packaging_specs/ names and no artifact has",
        },
    )

    def _execute(self, pos_args: list[str], unused: bool) -> int:
        from tools.explain.path import ExplainRequest, explain, unused_names

        if not unused:
            needs(pos_args, "explain", "a path, such as lib/libamdhip64.so.7")
        project = project_of(self)
        written = {Path(target) for task in self.task_list for target in task.targets}  # some files are not planned
        plans = [plan for product in project.products.products if (plan := project.plan(product)) in written]
        reports = sorted({plan.parent / "report.json" for plan in plans})
        if any(plan.exists() for plan in plans) and not all(one.is_up_to_date for one in standings(self, ["plan"])):
            note = "note: so say the plans of before; artifacts, specs or settings changed since: `doit plan`\n"
            sys.stderr.write(runnable(note, command_line()))
        if unused:
            show(answer(unused_names, reports))
        catalogs = [project.catalog(str(artifact)) for artifact in project.artifacts]
        for path in pos_args:
            request = ExplainRequest(path=path, plans=tuple(plans), reports=tuple(reports), catalogs=tuple(catalogs))
            show(answer(explain, request))
        return 0
