# Finds its prefix by its own real path, as rocm-cmake's package configs do.
get_filename_component(_config "${CMAKE_CURRENT_LIST_FILE}" REALPATH)
get_filename_component(hipblas_PREFIX "${_config}/../../../.." ABSOLUTE)
include(CMakeFindDependencyMacro)
find_dependency(hip)
find_dependency(rocblas)
foreach(_file include lib/libhipblas.so)
  if(NOT EXISTS "${hipblas_PREFIX}/${_file}")
    set(hipblas_FOUND FALSE)
    set(hipblas_NOT_FOUND_MESSAGE "${hipblas_PREFIX}/${_file} is missing")
    return()
  endif()
endforeach()
if(NOT TARGET roc::hipblas)
  add_library(roc::hipblas SHARED IMPORTED)
  set_target_properties(roc::hipblas PROPERTIES
    IMPORTED_LOCATION "${hipblas_PREFIX}/lib/libhipblas.so"
    INTERFACE_INCLUDE_DIRECTORIES "${hipblas_PREFIX}/include"
    INTERFACE_LINK_LIBRARIES "hip::host;roc::rocblas")
endif()
unset(_config)
unset(_file)
