# Finds its prefix by its own real path, as rocm-cmake's package configs do.
get_filename_component(_config "${CMAKE_CURRENT_LIST_FILE}" REALPATH)
get_filename_component(hip_PREFIX "${_config}/../../../.." ABSOLUTE)
include(CMakeFindDependencyMacro)
foreach(_file include lib/libamdhip64.so)
  if(NOT EXISTS "${hip_PREFIX}/${_file}")
    set(hip_FOUND FALSE)
    set(hip_NOT_FOUND_MESSAGE "${hip_PREFIX}/${_file} is missing")
    return()
  endif()
endforeach()
if(NOT TARGET hip::host)
  add_library(hip::host SHARED IMPORTED)
  set_target_properties(hip::host PROPERTIES
    IMPORTED_LOCATION "${hip_PREFIX}/lib/libamdhip64.so"
    INTERFACE_INCLUDE_DIRECTORIES "${hip_PREFIX}/include")
endif()
unset(_config)
unset(_file)
