# Finds its prefix by its own real path, as rocm-cmake's package configs do.
get_filename_component(_config "${CMAKE_CURRENT_LIST_FILE}" REALPATH)
get_filename_component(hip_PREFIX "${_config}/../../../.." ABSOLUTE)
foreach(_file include bin/amdhip64_7.dll lib/amdhip64.lib)
  if(NOT EXISTS "${hip_PREFIX}/${_file}")
    set(hip_FOUND FALSE)
    set(hip_NOT_FOUND_MESSAGE "${hip_PREFIX}/${_file} is missing")
    return()
  endif()
endforeach()
if(NOT TARGET hip::host)
  add_library(hip::host SHARED IMPORTED)
  set_target_properties(hip::host PROPERTIES
    IMPORTED_LOCATION "${hip_PREFIX}/bin/amdhip64_7.dll"
    IMPORTED_IMPLIB "${hip_PREFIX}/lib/amdhip64.lib"
    INTERFACE_INCLUDE_DIRECTORIES "${hip_PREFIX}/include")
endif()
unset(_config)
unset(_file)
