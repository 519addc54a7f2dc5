get_filename_component(_config "${CMAKE_CURRENT_LIST_FILE}" REALPATH)
get_filename_component(LLVM_INSTALL_PREFIX "${_config}/../../../.." ABSOLUTE)
set(LLVM_INCLUDE_DIRS "${LLVM_INSTALL_PREFIX}/include")
