# Finds its prefix by its own real path, as rocm-cmake's package configs do.
get_filename_component(_config "${CMAKE_CURRENT_LIST_FILE}" REALPATH)
get_filename_component(miopen_PREFIX "${_config}/../../../.." ABSOLUTE)
include(CMakeFindDependencyMacro)
find_dependency(hip)
find_dependency(rocblas)
foreach(_file include lib/libMIOpen.so)
  if(NOT EXISTS "${miopen_PREFIX}/${_file}")
    set(miopen_FOUND FALSE)
    set(miopen_NOT_FOUND_MESSAGE "${miopen_PREFIX}/${_file} is missing")
    return()
  endif()
endforeach()
if(NOT TARGET MIOpen)
  add_library(MIOpen SHARED IMPORTED)
  set_target_properties(MIOpen PROPERTIES
    IMPORTED_LOCATION "${miopen_PREFIX}/lib/libMIOpen.so"
    INTERFACE_INCLUDE_DIRECTORIES "${miopen_PREFIX}/include"
    INTERFACE_LINK_LIBRARIES "hip::host;roc::rocblas")
endif()
unset(_config)
unset(_file)
