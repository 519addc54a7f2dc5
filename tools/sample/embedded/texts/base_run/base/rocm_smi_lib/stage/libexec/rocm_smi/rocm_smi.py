#!/usr/bin/env python3
"""rocm-smi of the sample: imports a module that lies beside it, so it must not be copied elsewhere."""

from rsmiBindings import total

print("rocm-smi (ROCm sample)", total())
