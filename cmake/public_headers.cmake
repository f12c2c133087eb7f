# What a program outside of this tree may include: these headers and those that they include, which
# are installed with them. Everything else is the inside of the library and may change at any time.
set(MARL_PUBLIC_HEADERS
  # errors, options and configurations, results in HDF5, random numbers, ranks
  marl/core/error.h marl/core/option.h marl/core/config.h marl/core/value.h marl/core/store.h
  marl/core/rng.h marl/core/comm.h marl/core/log.h marl/core/ratio.h
  # where results go and what they say of themselves
  marl/core/provenance.h marl/run/checkpoint.h marl/run/folder.h marl/run/job.h
  # networks
  marl/nn/adam.h marl/nn/dist.h marl/nn/mlp.h marl/nn/normalizer.h marl/nn/vecmath.h
  # environments and learners of one's own, training, policies, search, inference
  marl/learn/env.h marl/learn/env_check.h marl/learn/vec_env.h marl/learn/learner.h
  marl/learn/policy.h marl/learn/plain_array.h marl/learn/trainer.h marl/learn/trainer_job.h
  marl/learn/evaluate.h marl/learn/search.h marl/learn/inference.h marl/learn/interval.h
  # comparisons of populations
  marl/compare/population.h marl/compare/comparison.h marl/compare/run.h marl/compare/report.h
  # flows: solver, closures and forcings, statistics, references
  physics/grid.h physics/fft.h physics/wisdom.h physics/filter.h physics/flux.h physics/damping.h
  physics/closure.h physics/closure_table.h physics/forcing.h physics/initial.h physics/timeline.h
  physics/flow_config.h physics/solver.h physics/spectrum.h physics/histogram.h physics/budget.h
  physics/statistics.h physics/reference.h physics/reference_flow.h physics/reference_run.h
  physics/simulation.h physics/reference_job.h
  # exact results
  theory/population_game.h theory/selection.h theory/fixation.h theory/population_chain.h
  theory/memory_one.h theory/norm.h theory/public_goods.h theory/topic.h
  # what comes with the library
  envs/binding/binding.h envs/env_table.h envs/population_table.h envs/theory_table.h envs/game/game.h envs/turbulence/closures.h
  envs/turbulence/turbulence.h envs/turbulence/scoreboard.h
  # plugins of one's own (docs/plugins.md), and the program that brings them
  marl/core/plugin.h envs/society/mechanism.h envs/society/encounter.h envs/turbulence/observation.h envs/turbulence/action.h envs/turbulence/reward.h
  envs/turbulence/interpolation.h cli/program.h)

# marl_install_headers(DESTINATION folder): the public headers and all that they include of ours
function(marl_install_headers)
  cmake_parse_arguments(ARG "" "DESTINATION" "" ${ARGN})
  set(left ${MARL_PUBLIC_HEADERS})
  set(done)
  while(left)
    list(POP_FRONT left header)
    if(header IN_LIST done)
      continue()
    endif()
    if(NOT EXISTS ${PROJECT_SOURCE_DIR}/${header})
      message(FATAL_ERROR "${header}, of cmake/public_headers.cmake, is not there: moved or renamed?")
    endif()
    list(APPEND done ${header})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${header})
    file(STRINGS ${PROJECT_SOURCE_DIR}/${header} includes REGEX "^#include \"")
    foreach(line ${includes})
      string(REGEX REPLACE "^#include \"(.*)\".*" "\\1" included "${line}")
      list(APPEND left ${included})
    endforeach()
    get_filename_component(folder ${header} DIRECTORY)
    install(FILES ${PROJECT_SOURCE_DIR}/${header} DESTINATION ${ARG_DESTINATION}/${folder})
  endwhile()
endfunction()
