"""Apache ECharts, which draws the charts of the page: a file in a package of the extra ``report``."""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from tools.errors import UserError
from tools.extra import command_for

VERSION = "6.0.0"
_PACKAGE = "panel"  # its wheel has Apache's file as it is; nothing of it is imported
_FILE = f"panel/dist/bundled/echarts/echarts@{VERSION}/dist/echarts.min.js"
_SHA256 = (
    "baa8dfe7e1d9336b98e8986ba7e20ea15e7cdbea1ef42a59d59478632fa45a1d"  # of dist/echarts.min.js as Apache released it
)


def read_echarts() -> str:
    """Return the library's text.

    :raises UserError: when the extra is not installed, or holds another file.
    """
    command = command_for("report")
    try:
        content = Path(str(distribution(_PACKAGE).locate_file(_FILE))).read_bytes()
    except (PackageNotFoundError, OSError):
        raise UserError(f"`report` needs Apache ECharts {VERSION}, which is not installed; run: {command}") from None
    if hashlib.sha256(content).hexdigest() != _SHA256:
        raise UserError(
            f"`report` needs Apache ECharts {VERSION} as released, which {_FILE} is not; "
            f"run: {command} --force-reinstall"
        )
    return content.decode()
