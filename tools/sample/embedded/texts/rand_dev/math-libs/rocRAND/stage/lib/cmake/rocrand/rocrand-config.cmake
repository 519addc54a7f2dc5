# Finds its prefix by its own real path, as rocm-cmake's package configs do.
get_filename_component(_config "${CMAKE_CURRENT_LIST_FILE}" REALPATH)
get_filename_component(rocrand_PREFIX "${_config}/../../../.." ABSOLUTE)
include(CMakeFindDependencyMacro)
find_dependency(hip)
foreach(_file include lib/librocrand.so)
  if(NOT EXISTS "${rocrand_PREFIX}/${_file}")
    set(rocrand_FOUND FALSE)
    set(rocrand_NOT_FOUND_MESSAGE "${rocrand_PREFIX}/${_file} is missing")
    return()
  endif()
endforeach()
if(NOT TARGET roc::rocrand)
  add_library(roc::rocrand SHARED IMPORTED)
  set_target_properties(roc::rocrand PROPERTIES
    IMPORTED_LOCATION "${rocrand_PREFIX}/lib/librocrand.so"
    INTERFACE_INCLUDE_DIRECTORIES "${rocrand_PREFIX}/include"
    INTERFACE_LINK_LIBRARIES "hip::host")
endif()
unset(_config)
unset(_file)
