"""Publishes in forked children, so that a test can kill many publishers without starting Python for each.

Each line of standard input is a JSON object, the fields of a PublishRequest; the answer is the child's process
number. A child's exit code is 0 when it published.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from tools.dist import index, publish, store  # noqa: F401  loaded once, for all children
from tools.dist.templates import render
from tools.errors import UserError


def main() -> None:
    """Answer each line with the process that works on it."""
    render("simple.html.j2", projects=[])
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(work(json.loads(line)))
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def work(fields: dict[str, object]) -> int:
    """Publish and return the exit code."""
    fields["receipts"] = tuple(Path(path) for path in fields["receipts"])
    fields["dist_dir"] = Path(fields["dist_dir"])
    try:
        publish.publish(publish.PublishRequest(**fields))
    except UserError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    main()
