# Finds its prefix by its own real path, as rocm-cmake's package configs do.
get_filename_component(_config "${CMAKE_CURRENT_LIST_FILE}" REALPATH)
get_filename_component(rocblas_PREFIX "${_config}/../../../.." ABSOLUTE)
include(CMakeFindDependencyMacro)
find_dependency(hip)
foreach(_file include lib/librocblas.so)
  if(NOT EXISTS "${rocblas_PREFIX}/${_file}")
    set(rocblas_FOUND FALSE)
    set(rocblas_NOT_FOUND_MESSAGE "${rocblas_PREFIX}/${_file} is missing")
    return()
  endif()
endforeach()
if(NOT TARGET roc::rocblas)
  add_library(roc::rocblas SHARED IMPORTED)
  set_target_properties(roc::rocblas PROPERTIES
    IMPORTED_LOCATION "${rocblas_PREFIX}/lib/librocblas.so"
    INTERFACE_INCLUDE_DIRECTORIES "${rocblas_PREFIX}/include"
    INTERFACE_LINK_LIBRARIES "hip::host")
endif()
unset(_config)
unset(_file)
