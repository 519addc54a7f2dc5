# Finds its prefix by its own real path, as rocm-cmake's package configs do.
get_filename_component(_config "${CMAKE_CURRENT_LIST_FILE}" REALPATH)
get_filename_component(flatbuffers_PREFIX "${_config}/../../../.." ABSOLUTE)
include(CMakeFindDependencyMacro)
foreach(_file include lib/libflatbuffers.a)
  if(NOT EXISTS "${flatbuffers_PREFIX}/${_file}")
    set(flatbuffers_FOUND FALSE)
    set(flatbuffers_NOT_FOUND_MESSAGE "${flatbuffers_PREFIX}/${_file} is missing")
    return()
  endif()
endforeach()
if(NOT TARGET flatbuffers::flatbuffers)
  add_library(flatbuffers::flatbuffers STATIC IMPORTED)
  set_target_properties(flatbuffers::flatbuffers PROPERTIES
    IMPORTED_LOCATION "${flatbuffers_PREFIX}/lib/libflatbuffers.a"
    INTERFACE_INCLUDE_DIRECTORIES "${flatbuffers_PREFIX}/include")
endif()
unset(_config)
unset(_file)
