# A package of Debian: cmake --preset package && cmake --build --preset package && (cd build/package && cpack)
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME marl)
set(CPACK_PACKAGE_CONTACT "The marl developers <marl@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
# the libraries that the program and libmarl.so were linked with, and the launcher that they start
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS openmpi-bin)
# pages and figures: what the package in share/marl/python needs, in an environment of its own
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "python3-venv")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS
  "gcc, pkg-config, libopenmpi-dev, libfftw3-dev, libhdf5-openmpi-dev, libopenblas-serial-dev, libyaml-dev")
# a program for this machine's processor alone is no package
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_BINARY_DIR}/portable.cmake)
file(WRITE ${PROJECT_BINARY_DIR}/portable.cmake "if(\"${MARL_ARCH}\" STREQUAL native)
  message(FATAL_ERROR \"this build is for this machine's processor (MARL_ARCH=native): cmake --preset package makes one for all\")
endif()
")
# cpack installs what is there, and does not build the tests first
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
include(CPack)
