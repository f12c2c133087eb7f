# The targets, where clang's libFuzzer is asked for (preset fuzz); elsewhere CTest entries that build
# that preset and give each target as many inputs as it takes in some seconds, the same ones each
# time: a test that draws anew fails for what nobody changed. They skip, in words, without libFuzzer.
set(targets config command policy checkpoint reference initial)
set(inputs 20000 20000 2000 300 2000 2000)

if(MARL_FUZZ)
  foreach(target ${targets})
    add_executable(fuzz_${target} fuzz/fuzz_${target}.c fuzz/fuzz_file.c)
    set_target_properties(fuzz_${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
    target_include_directories(fuzz_${target} PRIVATE ${PROJECT_SOURCE_DIR})
    target_link_libraries(fuzz_${target} PRIVATE marl marl_flags)
    target_link_options(fuzz_${target} PRIVATE -fsanitize=fuzzer)
  endforeach()
  foreach(target policy checkpoint reference initial)
    target_sources(fuzz_${target} PRIVATE fuzz/mutate_hdf5.c)
  endforeach()
  file(GLOB commands CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/cli/*.c)
  list(REMOVE_ITEM commands ${PROJECT_SOURCE_DIR}/cli/main.c)
  target_sources(fuzz_command PRIVATE ${commands})
  marl_embed_templates(fuzz_command)
else()
  add_test(NAME fuzz.build COMMAND ${CMAKE_CURRENT_LIST_DIR}/run.sh build)
  set_tests_properties(fuzz.build PROPERTIES LABELS slow TIMEOUT 900 SKIP_RETURN_CODE 77
    FIXTURES_SETUP fuzz)
  set_tests_properties(fuzz.seeds PROPERTIES FIXTURES_SETUP fuzz)
  foreach(target number IN ZIP_LISTS targets inputs)
    add_test(NAME fuzz.${target}
      COMMAND ${CMAKE_CURRENT_LIST_DIR}/run.sh ${target} ${number} inputs)
    set_tests_properties(fuzz.${target} PROPERTIES LABELS slow TIMEOUT 120 SKIP_RETURN_CODE 77
      FIXTURES_REQUIRED fuzz ENVIRONMENT "${mpi_environment}")
  endforeach()
endif()
