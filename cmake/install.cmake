# What `cmake --install` puts where: the program, libmarl, static and shared, its public headers
# under include/marl (so that they are included as in this tree: "marl/learn/trainer.h"), a CMake
# package, a pkg-config file.
include(CMakePackageConfigHelpers)

set_target_properties(marl_program PROPERTIES
  INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}" INSTALL_RPATH_USE_LINK_PATH ON)
install(TARGETS marl_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS marl marl_shared marl_cli EXPORT marlTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
include(cmake/public_headers.cmake)
marl_install_headers(DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/marl)
install(DIRECTORY configs docs/tutorial docs/recipes DESTINATION ${CMAKE_INSTALL_DATADIR}/marl)
install(DIRECTORY python DESTINATION ${CMAKE_INSTALL_DATADIR}/marl PATTERN __pycache__ EXCLUDE
  PATTERN tests EXCLUDE)
install(DIRECTORY docs/export DESTINATION ${CMAKE_INSTALL_DATADIR}/marl)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# the manual page and bash's completion are what the program says of itself
set(documents ${PROJECT_BINARY_DIR}/documents)
add_custom_command(TARGET marl_program POST_BUILD
  COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:marl_program> -DFOLDER=${documents}
    -P ${PROJECT_SOURCE_DIR}/cmake/documents.cmake
  VERBATIM)
install(FILES ${documents}/marl.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${documents}/marl DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)

# find_package(marl) gives the targets marl::marl (static) and marl::marl_shared
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/marl)
configure_package_config_file(cmake/marlConfig.cmake.in ${PROJECT_BINARY_DIR}/marlConfig.cmake
  INSTALL_DESTINATION ${package_folder} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/marlConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(EXPORT marlTargets NAMESPACE marl:: DESTINATION ${package_folder})
install(FILES ${PROJECT_BINARY_DIR}/marlConfig.cmake ${PROJECT_BINARY_DIR}/marlConfigVersion.cmake
  DESTINATION ${package_folder})
install(FILES cmake/dependencies.cmake DESTINATION ${package_folder} RENAME marlDependencies.cmake)

# pkg-config marl: the shared library, and MPI and libm, which its users call themselves; with --static
# all that the static one links with
set(pc_public ${MPI_C_LIBRARIES} m)
list(TRANSFORM pc_public PREPEND -l REGEX "^[^/-]")
list(JOIN pc_public " " pc_public)
set(pc_libraries ${MPI_C_LIBRARIES} ${FFTW_MPI_LIBRARY} ${FFTW_LINK_LIBRARIES} ${YAML_LINK_LIBRARIES} ${HDF5_C_HL_LIBRARIES}
  ${HDF5_C_LIBRARIES} ${BLAS_LIBRARIES})
list(REMOVE_DUPLICATES pc_libraries)
list(TRANSFORM pc_libraries PREPEND -l REGEX "^[^/-]") # bare names; paths and flags as they are
if(MARL_SANITIZE)
  list(APPEND pc_libraries -fsanitize=address,undefined)
endif()
list(JOIN pc_libraries " " pc_libraries)
list(TRANSFORM MPI_C_INCLUDE_DIRS PREPEND -I OUTPUT_VARIABLE pc_mpi_flags)
list(JOIN pc_mpi_flags " " pc_mpi_flags)
file(RELATIVE_PATH pc_up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/marl.pc.in ${PROJECT_BINARY_DIR}/marl.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/marl.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
