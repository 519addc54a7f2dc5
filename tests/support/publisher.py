"""Publishes in forked children, so that a test can kill many publishers without starting Python for each.

Each line of standard input is a JSON object, the fields of a PublishRequest and ``moment``: so many seconds after
its turn began the kernel kills it, 0 for never. The answer is its exit code, 0 when it published.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from tools.dist import index, publish  # noqa: F401  loaded once, for all children
from tools.dist.templates import render
from tools.errors import UserError
from tools.store import objects


def main() -> None:
    """Answer each line with the process that works on it."""
    render("simple.html.j2", projects=[])
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(work(json.loads(line)))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def work(fields: dict[str, object]) -> int:
    """Publish and return the exit code."""
    kill_after(float(str(fields.pop("moment"))))
    fields["receipts"] = tuple(Path(path) for path in fields["receipts"])
    fields["dist_dir"] = Path(fields["dist_dir"])
    try:
        publish.publish(publish.PublishRequest(**fields))
    except UserError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


def kill_after(moment: float) -> None:
    """Set an alarm, which nothing catches, when a turn is won."""

    def armed(url: str) -> objects.Objects:
        opened = objects.open_objects(url)
        create = opened.create

        def arm(name: str, content: bytes) -> bool:
            made = create(name, content)
            if made:
                signal.setitimer(signal.ITIMER_REAL, moment)
            return made

        vars(opened)["create"] = arm
        return opened

    publish.open_objects = armed


if __name__ == "__main__":
    main()
