# Finds its prefix by its own real path, as rocm-cmake's package configs do.
get_filename_component(_config "${CMAKE_CURRENT_LIST_FILE}" REALPATH)
get_filename_component(rocm_smi_PREFIX "${_config}/../../../.." ABSOLUTE)
include(CMakeFindDependencyMacro)
foreach(_file include lib/librocm_smi64.so)
  if(NOT EXISTS "${rocm_smi_PREFIX}/${_file}")
    set(rocm_smi_FOUND FALSE)
    set(rocm_smi_NOT_FOUND_MESSAGE "${rocm_smi_PREFIX}/${_file} is missing")
    return()
  endif()
endforeach()
if(NOT TARGET rocm_smi64)
  add_library(rocm_smi64 SHARED IMPORTED)
  set_target_properties(rocm_smi64 PROPERTIES
    IMPORTED_LOCATION "${rocm_smi_PREFIX}/lib/librocm_smi64.so"
    INTERFACE_INCLUDE_DIRECTORIES "${rocm_smi_PREFIX}/include")
endif()
unset(_config)
unset(_file)
