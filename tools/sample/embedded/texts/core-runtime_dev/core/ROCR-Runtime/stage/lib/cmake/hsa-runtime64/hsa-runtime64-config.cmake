# Finds its prefix by its own real path, as rocm-cmake's package configs do.
get_filename_component(_config "${CMAKE_CURRENT_LIST_FILE}" REALPATH)
get_filename_component(hsa-runtime64_PREFIX "${_config}/../../../.." ABSOLUTE)
include(CMakeFindDependencyMacro)
foreach(_file include lib/libhsa-runtime64.so)
  if(NOT EXISTS "${hsa-runtime64_PREFIX}/${_file}")
    set(hsa-runtime64_FOUND FALSE)
    set(hsa-runtime64_NOT_FOUND_MESSAGE "${hsa-runtime64_PREFIX}/${_file} is missing")
    return()
  endif()
endforeach()
if(NOT TARGET hsa-runtime64::hsa-runtime64)
  add_library(hsa-runtime64::hsa-runtime64 SHARED IMPORTED)
  set_target_properties(hsa-runtime64::hsa-runtime64 PROPERTIES
    IMPORTED_LOCATION "${hsa-runtime64_PREFIX}/lib/libhsa-runtime64.so"
    INTERFACE_INCLUDE_DIRECTORIES "${hsa-runtime64_PREFIX}/include")
endif()
unset(_config)
unset(_file)
