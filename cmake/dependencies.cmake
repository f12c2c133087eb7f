# What libmarl links with. Installed too: the CMake package finds the same things the same way.
# Debian packages: libopenmpi-dev libfftw3-dev libfftw3-mpi-dev libhdf5-openmpi-dev
# libopenblas-serial-dev libyaml-dev librandom123-dev
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

if(TARGET marl_dependencies) # two packages of one project may need marl
  return()
endif()
add_library(marl_dependencies INTERFACE IMPORTED)
target_link_libraries(marl_dependencies INTERFACE MPI::MPI_C ${FFTW_MPI_LIBRARY} PkgConfig::FFTW
  PkgConfig::YAML ${HDF5_C_HL_LIBRARIES} ${HDF5_C_LIBRARIES} ${BLAS_LIBRARIES} m)
