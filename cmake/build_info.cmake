# Run at each build: writes OUTPUT, a header with the version and the commit, when it changed.
#   cmake -DSOURCE= -DOUTPUT= -DVERSION= -DCOMPILER= -DMPIEXEC= -DDATA= -P build_info.cmake
set(commit unknown)
find_program(GIT git)
if(GIT)
  execute_process(COMMAND ${GIT} -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
    OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(commit ${described})
  endif()
endif()
file(WRITE ${OUTPUT}.new
"#define MARL_BUILD_VERSION \"${VERSION}\"
#define MARL_BUILD_COMMIT \"${commit}\"
#define MARL_BUILD_COMPILER \"${COMPILER}\"
#define MARL_BUILD_MPIEXEC \"${MPIEXEC}\"
#define MARL_BUILD_SOURCE \"${SOURCE}\"
#define MARL_BUILD_DATA \"${DATA}\"
")
execute_process(COMMAND ${CMAKE_COMMAND} -E copy_if_different ${OUTPUT}.new ${OUTPUT})
