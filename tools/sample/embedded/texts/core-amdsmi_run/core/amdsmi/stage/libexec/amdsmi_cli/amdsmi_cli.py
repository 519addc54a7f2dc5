#!/usr/bin/env python3
"""amd-smi of the sample: loads its library relative to where it really lies."""

import ctypes
from pathlib import Path

root = Path(__file__).resolve().parents[2]
library = next(iter(sorted((root / "lib").glob("libamd_smi.so*"))))
print("amd-smi (ROCm sample)", ctypes.CDLL(str(library)).amd_smi_total())
