# Finds its prefix by its own real path, as rocm-cmake's package configs do.
get_filename_component(_config "${CMAKE_CURRENT_LIST_FILE}" REALPATH)
get_filename_component(hiprand_PREFIX "${_config}/../../../.." ABSOLUTE)
include(CMakeFindDependencyMacro)
find_dependency(hip)
find_dependency(rocrand)
foreach(_file include lib/libhiprand.so)
  if(NOT EXISTS "${hiprand_PREFIX}/${_file}")
    set(hiprand_FOUND FALSE)
    set(hiprand_NOT_FOUND_MESSAGE "${hiprand_PREFIX}/${_file} is missing")
    return()
  endif()
endforeach()
if(NOT TARGET hip::hiprand)
  add_library(hip::hiprand SHARED IMPORTED)
  set_target_properties(hip::hiprand PROPERTIES
    IMPORTED_LOCATION "${hiprand_PREFIX}/lib/libhiprand.so"
    INTERFACE_INCLUDE_DIRECTORIES "${hiprand_PREFIX}/include"
    INTERFACE_LINK_LIBRARIES "hip::host;roc::rocrand")
endif()
unset(_config)
unset(_file)
