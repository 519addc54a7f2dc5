# Finds its prefix by its own real path, as rocm-cmake's package configs do.
get_filename_component(_config "${CMAKE_CURRENT_LIST_FILE}" REALPATH)
get_filename_component(amd_comgr_PREFIX "${_config}/../../../.." ABSOLUTE)
include(CMakeFindDependencyMacro)
foreach(_file include lib/libamd_comgr.so)
  if(NOT EXISTS "${amd_comgr_PREFIX}/${_file}")
    set(amd_comgr_FOUND FALSE)
    set(amd_comgr_NOT_FOUND_MESSAGE "${amd_comgr_PREFIX}/${_file} is missing")
    return()
  endif()
endforeach()
if(NOT TARGET amd_comgr)
  add_library(amd_comgr SHARED IMPORTED)
  set_target_properties(amd_comgr PROPERTIES
    IMPORTED_LOCATION "${amd_comgr_PREFIX}/lib/libamd_comgr.so"
    INTERFACE_INCLUDE_DIRECTORIES "${amd_comgr_PREFIX}/include")
endif()
unset(_config)
unset(_file)
