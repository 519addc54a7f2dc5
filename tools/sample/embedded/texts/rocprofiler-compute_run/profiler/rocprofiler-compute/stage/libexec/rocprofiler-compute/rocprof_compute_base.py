"""What rocprof-compute says."""

NAME = "rocprof-compute (ROCm sample)"
