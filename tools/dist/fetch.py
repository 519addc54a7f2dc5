"""Files of a published index, by whatever address it has: a folder, a bucket, a web server."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from urllib.parse import quote

from tools.errors import UserError
from tools.store.objects import open_objects

TIMEOUT = 60.0  # seconds that a server may be silent


def fetcher(url: str) -> Callable[[str], bytes | None]:
    """Return what gives the content of a path below ``url``, None where there is no such file.

    :raises UserError: when the address is of no kind that is known.
    """
    if not url.startswith(("http://", "https://")):
        return open_objects(url).read
    return lambda name: _get(f"{url.rstrip('/')}/{quote(name)}")


def _get(url: str) -> bytes | None:
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        if error.code in (403, 404):  # a bucket that may not be listed says 403 of what is not there
            return None
        raise UserError(f"{url}: cannot be read: {error}") from None
    except (urllib.error.URLError, OSError) as error:
        raise UserError(f"{url}: cannot be read: {getattr(error, 'reason', None) or error}") from None
