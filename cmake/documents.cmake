# Writes the manual page and bash's completion of PROGRAM to FOLDER.
#   cmake -DPROGRAM= -DFOLDER= -P documents.cmake
file(MAKE_DIRECTORY ${FOLDER})
set(ENV{ASAN_OPTIONS} detect_leaks=0) # OpenMPI's libraries keep memory until exit
foreach(document "marl.1;list;--man" "marl;help;--completion")
  list(POP_FRONT document name)
  execute_process(COMMAND ${PROGRAM} ${document} OUTPUT_FILE ${FOLDER}/${name} RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "${PROGRAM} cannot write ${name}: ${failed}")
  endif()
endforeach()
