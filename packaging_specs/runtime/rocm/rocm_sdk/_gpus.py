"""The AMD GPUs of this machine, as the kernel driver lists them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

NODES = Path("/sys/class/kfd/kfd/topology/nodes")  # amdkfd: one directory a node, CPUs among them
FORCED = "ROCM_BOOTSTRAP_FORCE_GFX_ARCH"  # both are rocm-bootstrap's, so that one setting does for both
DISABLED = "ROCM_BOOTSTRAP_DISABLE_DETECTION"


def gpu_targets(environment: Mapping[str, str] = os.environ, nodes: Path = NODES) -> tuple[str, ...]:
    """Return the GFX target of each kind of GPU found, in the driver's order; empty when there is none.

    ``rocm-bootstrap``, AMD's own detection, is asked first if it is installed: it also knows other systems.
    """
    if environment.get(DISABLED) == "1":
        return ()
    if forced := environment.get(FORCED):
        return tuple(dict.fromkeys(name.strip() for name in forced.split(",") if name.strip()))
    return tuple(dict.fromkeys(_asked_bootstrap() or _read_nodes(nodes)))


def talk(message: str) -> None:
    """Say on stderr what detection does, if ``ROCM_SDK_VERBOSE=1``; stdout belongs to the caller's data."""
    if os.environ.get("ROCM_SDK_VERBOSE") == "1":
        print(f"rocm-sdk: {message}", file=sys.stderr)


def _asked_bootstrap() -> list[str]:
    try:
        from rocm_bootstrap import detect_gfx_targets  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return []
    try:
        return [target.name for target in detect_gfx_targets()]
    except (OSError, ValueError) as error:  # a target that it does not know
        talk(f"rocm-bootstrap failed: {error}")
        return []


def _read_nodes(nodes: Path) -> list[str]:
    if not nodes.is_dir():
        return []
    numbered = sorted((int(node.name), node) for node in nodes.iterdir() if node.name.isdigit())
    return [name for _, node in numbered if (name := _target_name(node / "properties"))]


def _target_name(properties: Path) -> str | None:
    """Decode ``gfx_target_version``: 90402 is gfx942; a CPU has 0 (kfd_topology.c)."""
    try:
        rows = (line.split() for line in properties.read_text("utf-8").splitlines())
        number = next(int(row[1]) for row in rows if len(row) == 2 and row[0] == "gfx_target_version")
    except (OSError, ValueError, StopIteration):
        return None
    return f"gfx{number // 10000}{number // 100 % 100:x}{number % 100:x}" if number else None
