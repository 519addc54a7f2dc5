"""Small packaging specs, as values: a package of each rule, in both layouts and for both systems.

Tests of the planner are about what it does with specs, not about what ROCm packages: a line that somebody adds to
``packaging_specs/`` changes none of them. Whether the planner takes the real ones is a test of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tools.plan.spec import (
    COMPONENTS,
    About,
    Carried,
    Claim,
    Ignored,
    IgnoredFiles,
    LayoutPackage,
    PackageSpec,
    PublicLibrary,
    Rpath,
    Script,
    Specs,
    Target,
)
from tools.platform.tags import LINUX
from tools.windows.lists import Lists, Load, Names

ABOUT = About(requires_python=">=3.10", author="Nobody", urls=(("Homepage", "https://example.org"),))
BOTH = ("linux", "win32")
TARGETS = (
    Target(name="gfx942", product="MI300X", families=("dcgpu-all", "gfx94X-dcgpu"), platforms=("linux",)),
    Target(name="gfx950", product="MI350X", families=("dcgpu-all", "gfx950-dcgpu"), platforms=("linux",)),
    Target(name="gfx1100", product="RX 7900", families=("dgpu-all", "gfx110X-all"), platforms=BOTH),
    Target(name="gfx1151", product="Ryzen AI", families=("igpu-all",), platforms=BOTH),
    Target(name="gfx1200", product="RX 9060", families=("dgpu-all", "gfx120X-all"), platforms=BOTH),
    Target(name="gfx1201", product="RX 9070", families=("dgpu-all", "gfx120X-all"), platforms=BOTH),
)
CUTS = {
    "per-family": (
        LayoutPackage(package="core", per=("generic",), takes=("own",)),
        LayoutPackage(package="libraries", per=("family",), takes=("generic", "own")),
        LayoutPackage(package="profiler", per=("generic",), takes=("own",)),
        LayoutPackage(package="devel", per=("generic", "family"), takes=("own",)),
        LayoutPackage(package="bootstrap", per=("generic",), takes=("own",)),
        LayoutPackage(package="meta", per=("generic",), takes=("own",)),
    ),
    "kpack-split": (
        LayoutPackage(package="core", per=("generic",), takes=("own",)),
        LayoutPackage(package="libraries", per=("generic",), takes=("own",)),
        LayoutPackage(package="device", per=("target",), takes=("own",)),
        LayoutPackage(package="profiler", per=("generic",), takes=("own",)),
        LayoutPackage(package="devel", per=("generic",), takes=("own",), without=("test",)),
        LayoutPackage(package="bootstrap", per=("generic",), takes=("own",)),
        LayoutPackage(package="meta", per=("generic",), takes=("own",)),
    ),
}
OF_CORE = ("amd-llvm", "base", "core-amdsmi", "core-hip", "core-runtime", "sysdeps")
OF_LIBRARIES = ("blas", "fft", "hipdnn", "rand")
OF_DEVEL_ALONE = ("flatbuffers", "prim")
LINUX_SCRIPTS = {"hipcc": "bin/hipcc", "rocm-smi": "bin/rocm-smi", "amdclang": "bin/amdclang"}
WINDOWS_SCRIPTS = {"hipcc": "bin/hipcc", "hipInfo": "bin/hipInfo", "hipconfig": "bin/hipconfig"}
WINDOWS_LISTS = Lists(
    system=(Names(("kernel32.dll",), "the Windows API"),),
    never=(
        Names(
            ("msvcp140d.dll",),
            "it is Microsoft's debug runtime, which nobody may hand on; build in release mode",
        ),
    ),
    loads=(
        Load("core:bin/amdhip64*.dll", "core:bin/amd_comgr*.dll", "opened by name"),
        Load("libraries:bin/MIOpen*.dll", "core:bin/hiprtc[0-9]*.dll", "compiles kernels at run time"),
    ),
)


def small_specs(layout: str = "per-family", system: str = LINUX) -> Specs:
    """Return the specs of a layout, as loading them for a system would give them."""
    cuts = CUTS[layout]
    packages = {package.name: package for package in _packages(system)}
    present = {cut.package for cut in cuts}
    return Specs(
        layout=layout,
        kpack_split=layout == "kpack-split",
        packages=tuple(_cut(packages[cut.package], cut, present, system) for cut in cuts),
        cuts=cuts,
        unlisted=tuple(package for name, package in packages.items() if name not in present),
        targets=TARGETS,
        libraries=(
            PublicLibrary(name="amdhip64", package="core", linux="lib/libamdhip64.so*", windows=None, optional=False),
            PublicLibrary(
                name="lzma", package="core", linux="lib/rocm_sysdeps/lib/liblzma.so.*", windows=None, optional=False
            ),
        ),
        ignored=(
            Ignored(artifact="fmt", components=COMPONENTS, reason="a build dependency, linked statically"),
            *_not_for(system),
        ),
        ignored_files=()
        if system == LINUX
        else (IgnoredFiles(path="**/*.pdb", reason="debug data"), IgnoredFiles(path="bin/tests/**", reason="tests")),
        preferences=(),
        about=ABOUT,
        system=system,
    )


def package_spec(name: str, **fields: Any) -> PackageSpec:
    """Return the spec of a package of wheels, with these fields."""
    defaults: dict[str, Any] = {"rule": "wheel", "summary": name.title(), "license": "MIT", "runtime": None}
    return PackageSpec(name=name, **{**defaults, "distribution": f"rocm-sdk-{name}", **fields})


def changed(specs: Specs, name: str, **fields: Any) -> Specs:
    """Return the specs with other fields of one package."""
    return replace(specs, packages=tuple(replace(one, **fields) if one.name == name else one for one in specs.packages))


def _packages(system: str) -> tuple[PackageSpec, ...]:
    scripts = LINUX_SCRIPTS if system == LINUX else WINDOWS_SCRIPTS
    return (
        package_spec(
            "core",
            runtime="rocm_sdk_core",
            claims=(
                Claim(artifacts=OF_CORE, components=("lib", "run"), exclude=("**/cmake/**",)),
                Claim(artifacts=("core-hip",), components=("dev",), exclude=("**/cmake/**",)),
            ),
            rpaths=tuple(Rpath(package="core", directory=f"lib/{one}/lib") for one in ("llvm", "rocm_sysdeps")),
            forwarders=("lib/libamd_smi.so",),
            also_in_lib=("lib/rocm_sysdeps/lib/libnuma.so.*",),
            scripts=tuple((name, Script(path=path, devel=True)) for name, path in sorted(scripts.items())),
            not_exposed=("bin/*.bin",),
        ),
        package_spec(
            "libraries",
            runtime="rocm_sdk_libraries",
            claims=(Claim(artifacts=OF_LIBRARIES, components=("lib",)),),
            requires=("core",),
            rpaths=(Rpath(package="core", directory="lib"), Rpath(package="core", directory="lib/llvm/lib")),
        ),
        package_spec(
            "device",
            claims=(Claim(artifacts=OF_LIBRARIES, components=("lib",)),),
            requires=("libraries",),
            overlays="libraries",
        ),
        package_spec(
            "profiler",
            distribution="rocm-profiler",
            runtime="rocm_profiler",
            claims=(
                Claim(
                    artifacts=("rocprofiler-systems",),
                    components=("lib", "run"),
                    include=("bin/rocprof-*", "lib/librocprof-sys*", "lib/libprofiler-hub.so*"),
                ),
            ),
            requires=("core",),
            rpaths=(Rpath(package="core", directory="lib"),),
            forwarders=("lib/libprofiler-hub.so",),
            scripts=(("rocprof-sys-run", Script(path="bin/rocprof-sys-run", devel=False)),),
            platforms=("linux",),
        ),
        package_spec(
            "devel",
            rule="devel",
            runtime="rocm_sdk_devel",
            claims=(
                Claim(artifacts=tuple(sorted((*OF_CORE, *OF_LIBRARIES))), components=COMPONENTS),
                Claim(artifacts=OF_DEVEL_ALONE, components=COMPONENTS),
            ),
            claims_of=("core", "libraries", "device"),
            requires=("core", "libraries"),
        ),
        package_spec(
            "bootstrap",
            rule="carried",
            distribution="rocm-bootstrap",
            carried=Carried(file="rocm_bootstrap-0.3.0-py3-none-any.whl", sha256="b" * 64),
        ),
        package_spec(
            "meta",
            rule="sdist",
            distribution="rocm",
            runtime="rocm",
            requires=("core",),
            extras=tuple((name, (name,)) for name in ("libraries", "device", "devel", "profiler")),
            detection="bootstrap",
        ),
    )


def _cut(package: PackageSpec, cut: LayoutPackage, present: set[str], system: str) -> PackageSpec:
    claims = package.claims if system in package.platforms else ()
    of_elf = {} if system == LINUX else {"rpaths": (), "forwarders": (), "also_in_lib": ()}
    return replace(
        package,
        claims=tuple(
            replace(claim, components=tuple(one for one in claim.components if one not in cut.without))
            for claim in claims
        ),
        requires=tuple(name for name in package.requires if name in present),
        extras=tuple((name, packages) for name, packages in package.extras if name in present),
        **of_elf,
    )


def _not_for(system: str) -> tuple[Ignored, ...]:
    if system == LINUX:
        return ()
    reason = "profiler has no wheel for Windows"
    return (Ignored(artifact="rocprofiler-systems", components=("lib", "run"), reason=reason),)
