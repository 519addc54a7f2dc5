"""ROCm from Python: find and load its libraries. On the command line: ``rocm-sdk``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from re import Pattern

from rocm_sdk._facts import facts as _facts

__all__ = ["__version__", "find_libraries", "preload_libraries", "initialize_process"]

__version__: str = _facts().version


# Imports are inside the functions: the build backend imports this package without rocm-sdk-core.


def find_libraries(*shortnames: str) -> list[Path]:
    """Return the absolute path of each public library, in the order asked for.

    Names that this operating system has no library for are left out, and optional libraries that are absent.

    :raises ModuleNotFoundError: when a name is unknown or its package not installed; says what to install.
    :raises FileNotFoundError: when the package is installed but the library is not in it.
    :raises RuntimeError: when libraries of several GPU families are installed and nothing says which.
    """
    from rocm_sdk import _libraries

    return _libraries.find_libraries(*shortnames)


def preload_libraries(*shortnames: str, rtld_global: bool = True) -> None:
    """Load each library once into this process and keep it, so that later loads by SONAME find it.

    :raises OSError: when the loader refuses one; besides those of :func:`find_libraries`.
    """
    from rocm_sdk import _libraries

    _libraries.preload_libraries(*shortnames, rtld_global=rtld_global)


def initialize_process(
    *,
    preload_shortnames: Iterable[str] | None = None,
    rtld_global: bool = True,
    env_override: bool = True,
    check_version: str | Pattern[str] | None = None,
    fail_on_version_mismatch: bool = False,
) -> None:
    """Make this process ready for ROCm: check the version, then preload libraries.

    ``check_version`` is a pattern with ``*`` or a compiled expression, for the whole version. With
    ``env_override`` the libraries that ``ROCM_SDK_PRELOAD_LIBRARIES`` names, with ``,`` or ``;`` between them,
    are loaded too.

    :raises RuntimeError: when the version does not match and ``fail_on_version_mismatch``; else it warns.
    """
    from rocm_sdk import _libraries

    _libraries.check_version(check_version, fail=fail_on_version_mismatch)
    names = [*(preload_shortnames or ()), *(_libraries.preloads_of_environment() if env_override else ())]
    _libraries.preload_libraries(*dict.fromkeys(names), rtld_global=rtld_global)
