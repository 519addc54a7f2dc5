"""What the tests on Debian's ROCm packages share: sources to compile, and their tree."""

from __future__ import annotations

import shutil
from pathlib import Path

FAMILIES = ("gfx94X-dcgpu", "gfx120X-all")
DEVICES = {"hipErrorNoDevice\n", "devices\n"}  # what SAXPY prints where there is no GPU, or where there is

SAXPY = """
#include <hip/hip_runtime.h>
#include <cstdio>
__global__ void saxpy(float a, const float* x, float* y) { y[threadIdx.x] += a * x[threadIdx.x]; }
int main() {
  int devices = 0;
  hipError_t error = hipGetDeviceCount(&devices);
  std::printf("%s\\n", error == hipSuccess ? "devices" : hipGetErrorName(error));
  if (devices > 100) saxpy<<<1, 64>>>(1.0f, nullptr, nullptr);
}
"""
PROJECT = """
cmake_minimum_required(VERSION 3.16)
project(sample CXX)
find_package(hip REQUIRED)
find_package(rocrand REQUIRED)
find_package(hiprand REQUIRED)
find_package(rocprim REQUIRED)
find_package(amd_comgr REQUIRED)
add_executable(sample sample.cpp)
target_link_libraries(sample PRIVATE hip::host roc::rocrand)
"""
SAMPLE = """
#include <hip/hip_runtime.h>
#include <rocrand/rocrand.h>
#include <cstdio>
int main() {
  int version = 0;
  if (rocrand_get_version(&version) != ROCRAND_STATUS_SUCCESS) return 1;
  std::printf("rocrand %d\\n", version);
}
"""


def merged(artifacts: Path, root: Path, family: str) -> Path:
    """Lay copies of the generic and the family's base dirs over each other, as an installation does."""
    for artifact in sorted([*artifacts.glob("*_generic"), *artifacts.glob(f"*_{family}")]):
        for base in (artifact / "artifact_manifest.txt").read_text().splitlines():
            if (artifact / base).is_dir():
                shutil.copytree(artifact / base, root, symlinks=True, dirs_exist_ok=True)
    return root
