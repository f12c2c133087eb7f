# Debian packages: libopenmpi-dev libfftw3-dev libfftw3-mpi-dev libhdf5-openmpi-dev
# libopenblas-dev libyaml-dev librandom123-dev libcunit1-dev
find_package(MPI REQUIRED COMPONENTS C)
find_package(PkgConfig REQUIRED)
pkg_check_modules(FFTW REQUIRED IMPORTED_TARGET fftw3)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)

# FFTW's MPI library comes without a .pc file or a CMake package
find_library(FFTW_MPI_LIBRARY fftw3_mpi REQUIRED)

# parallel HDF5, its C library and the high-level one (dimension scales)
set(HDF5_PREFER_PARALLEL ON)
find_package(HDF5 REQUIRED COMPONENTS C HL)
find_package(BLAS REQUIRED)
find_path(CBLAS_INCLUDE_DIR cblas.h REQUIRED
  PATH_SUFFIXES x86_64-linux-gnu x86_64-linux-gnu/openblas-serial openblas)
find_path(RANDOM123_INCLUDE_DIR Random123/philox.h REQUIRED)

add_library(marl_dependencies INTERFACE)
target_include_directories(marl_dependencies SYSTEM INTERFACE
  $<BUILD_INTERFACE:${HDF5_INCLUDE_DIRS}> $<BUILD_INTERFACE:${CBLAS_INCLUDE_DIR}>
  $<BUILD_INTERFACE:${RANDOM123_INCLUDE_DIR}>)
target_link_libraries(marl_dependencies INTERFACE MPI::MPI_C ${FFTW_MPI_LIBRARY} PkgConfig::FFTW
  PkgConfig::YAML ${HDF5_C_HL_LIBRARIES} ${HDF5_C_LIBRARIES} ${BLAS_LIBRARIES} m)

add_library(marl_flags INTERFACE)
# POSIX: fsync, flock, clock_gettime, isatty
target_compile_definitions(marl_flags INTERFACE _POSIX_C_SOURCE=200809L)
target_compile_options(marl_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror -fno-math-errno -ffp-contract=fast)
if(MARL_ARCH)
  target_compile_options(marl_flags INTERFACE -march=${MARL_ARCH})
endif()
if(MARL_SANITIZE)
  target_compile_options(marl_flags INTERFACE -fsanitize=address,undefined
    -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(marl_flags INTERFACE -fsanitize=address,undefined)
endif()
