get_filename_component(_config "${CMAKE_CURRENT_LIST_FILE}" REALPATH)
get_filename_component(_folder "${_config}" DIRECTORY)
include("${_folder}/ROCMInstallTargets.cmake")
