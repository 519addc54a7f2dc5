# Finds its prefix by its own real path, as rocm-cmake's package configs do.
get_filename_component(_config "${CMAKE_CURRENT_LIST_FILE}" REALPATH)
get_filename_component(rocfft_PREFIX "${_config}/../../../.." ABSOLUTE)
include(CMakeFindDependencyMacro)
find_dependency(hip)
foreach(_file include lib/librocfft.so)
  if(NOT EXISTS "${rocfft_PREFIX}/${_file}")
    set(rocfft_FOUND FALSE)
    set(rocfft_NOT_FOUND_MESSAGE "${rocfft_PREFIX}/${_file} is missing")
    return()
  endif()
endforeach()
if(NOT TARGET roc::rocfft)
  add_library(roc::rocfft SHARED IMPORTED)
  set_target_properties(roc::rocfft PROPERTIES
    IMPORTED_LOCATION "${rocfft_PREFIX}/lib/librocfft.so"
    INTERFACE_INCLUDE_DIRECTORIES "${rocfft_PREFIX}/include"
    INTERFACE_LINK_LIBRARIES "hip::host")
endif()
unset(_config)
unset(_file)
