"""Files of a published index, by whatever address it has: a folder, a bucket, a web server."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import quote

from tools.errors import UserError
from tools.store.objects import Readable, open_objects

TIMEOUT = 60.0  # seconds that a server may be silent


@dataclass(frozen=True, slots=True)
class Site:
    """What a web server has below ``url``."""

    url: str

    def read(self, name: str) -> bytes | None:
        """Return the content, None where there is no such file."""
        return _get(f"{self.url.rstrip('/')}/{quote(name)}")


def open_index(url: str) -> Readable:
    """Return the index at ``url``, to be read.

    :raises UserError: when the address is of no kind that is known.
    """
    return Site(url) if url.startswith(("http://", "https://")) else open_objects(url)


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
