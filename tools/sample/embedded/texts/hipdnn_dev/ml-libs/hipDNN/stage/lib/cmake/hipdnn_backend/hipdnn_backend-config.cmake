# Finds its prefix by its own real path, as rocm-cmake's package configs do.
get_filename_component(_config "${CMAKE_CURRENT_LIST_FILE}" REALPATH)
get_filename_component(hipdnn_backend_PREFIX "${_config}/../../../.." ABSOLUTE)
include(CMakeFindDependencyMacro)
foreach(_file include lib/libhipdnn_backend.so)
  if(NOT EXISTS "${hipdnn_backend_PREFIX}/${_file}")
    set(hipdnn_backend_FOUND FALSE)
    set(hipdnn_backend_NOT_FOUND_MESSAGE "${hipdnn_backend_PREFIX}/${_file} is missing")
    return()
  endif()
endforeach()
if(NOT TARGET hipdnn_backend)
  add_library(hipdnn_backend SHARED IMPORTED)
  set_target_properties(hipdnn_backend PROPERTIES
    IMPORTED_LOCATION "${hipdnn_backend_PREFIX}/lib/libhipdnn_backend.so"
    INTERFACE_INCLUDE_DIRECTORIES "${hipdnn_backend_PREFIX}/include")
endif()
unset(_config)
unset(_file)
