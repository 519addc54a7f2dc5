"""Files as an index lists them, and GPUs that they are for; nothing is on disk."""

from __future__ import annotations

from tools.dist.choices import Gpu
from tools.dist.listing import ListedFile

MI300 = Gpu(target="gfx942", product="MI300X", families=("dcgpu-all", "gfx94X-all", "gfx94X-dcgpu"))
MI350 = Gpu(target="gfx950", product="MI350X", families=("dcgpu-all", "gfx950-dcgpu"))
RX = Gpu(target="gfx1201", product="RX 9070", families=("dgpu-all", "gfx120X-all"))


def file(
    distribution: str,
    package: str,
    family: str = "generic",
    *,
    version: str = "10.1.0",
    requires: tuple[str, ...] = (),
    yanked: bool = False,
) -> ListedFile:
    """Return a file of an index; distribution, package and requirements are what matters."""
    return ListedFile(
        filename=f"{distribution}-{version}.whl",
        distribution=distribution,
        version=version,
        package=package,
        family=family,
        size=1,
        sha256="",
        requires_python="",
        metadata_sha256="",
        summary="",
        requires=requires,
        members=0,
        installed_size=0,
        upload_time="",
        yanked=yanked,
    )


CORE, META = file("rocm-sdk-core", "core"), file("rocm", "meta")
LIBRARIES = file("libraries-gfx94x-dcgpu", "libraries", "gfx94X-dcgpu", requires=("rocm-sdk-core",))
DEVEL = file("rocm-sdk-devel", "devel")
FAMILY_DEVEL = file(
    "devel-gfx94x-dcgpu", "devel", "gfx94X-dcgpu", requires=("libraries-gfx94x-dcgpu", "rocm-sdk-devel")
)
