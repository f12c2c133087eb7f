# How libmarl and everything beside it is compiled.
# Headers that only the sources include: cblas.h, Random123, HDF5
find_path(CBLAS_INCLUDE_DIR cblas.h REQUIRED
  PATH_SUFFIXES x86_64-linux-gnu x86_64-linux-gnu/openblas-serial openblas)
find_path(RANDOM123_INCLUDE_DIR Random123/philox.h REQUIRED)

add_library(marl_flags INTERFACE)
target_include_directories(marl_flags SYSTEM INTERFACE ${HDF5_INCLUDE_DIRS} ${CBLAS_INCLUDE_DIR}
  ${RANDOM123_INCLUDE_DIR})
# POSIX: fsync, flock, clock_gettime, isatty
target_compile_definitions(marl_flags INTERFACE _POSIX_C_SOURCE=200809L)
target_compile_options(marl_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wstrict-prototypes -Wmissing-prototypes -Wvla -fno-math-errno -ffp-contract=fast)
if(MARL_WARNINGS_AS_ERRORS)
  target_compile_options(marl_flags INTERFACE -Werror)
endif()
if(MARL_ARCH)
  target_compile_options(marl_flags INTERFACE -march=${MARL_ARCH})
endif()
if(MARL_SANITIZE)
  target_compile_options(marl_flags INTERFACE -fsanitize=address,undefined
    -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(marl_flags INTERFACE -fsanitize=address,undefined)
endif()
if(MARL_FUZZ)
  # what libFuzzer counts; the targets alone are linked with it
  target_compile_options(marl_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
