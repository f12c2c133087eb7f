# Texts that are part of the program.

# marl_embed(TARGET NAME FILE): FILE as `const char NAME[]`, a zero behind its last byte
function(marl_embed target name file)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/generated/${name}.c)
  add_custom_command(OUTPUT ${source} DEPENDS ${file} ${PROJECT_SOURCE_DIR}/cmake/embed_text.cmake
    COMMAND ${CMAKE_COMMAND} -DNAME=${name} -DFILE=${file} -DOUTPUT=${source}
      -P ${PROJECT_SOURCE_DIR}/cmake/embed_text.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${source})
endfunction()

# What marl export writes
function(marl_embed_templates target)
  foreach(suffix h f90 py)
    marl_embed(${target} marl_template_policy_${suffix} ${PROJECT_SOURCE_DIR}/cli/templates/policy.${suffix}.in)
  endforeach()
endfunction()
