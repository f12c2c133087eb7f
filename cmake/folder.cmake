# One target a folder. Each folder's headers are reached through a private include root that holds
# a link to that folder only, so that an include against the arrows does not find its header.

# marl_add_folder(NAME PATH [DEPENDS folder targets...]): all .c files under PATH
function(marl_add_folder name path)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  set(root ${PROJECT_BINARY_DIR}/include/${name})
  get_filename_component(parent ${root}/${path} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${path} ${root}/${path} SYMBOLIC)

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${path}/*.c)
  add_library(${name} OBJECT ${sources})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_include_directories(${name} PUBLIC ${root})
  target_link_libraries(${name} PRIVATE marl_flags PUBLIC marl_dependencies)
  foreach(dependency ${ARG_DEPENDS})
    target_include_directories(${name} PUBLIC ${PROJECT_BINARY_DIR}/include/${dependency})
  endforeach()
endfunction()

# marl_add_library(NAME FOLDERS folder targets...): the library of all folders together, as target
# NAME (static, what the program and the tests link with) and as NAME_shared, which exports marl_*
# only; both are libNAME on disk.
function(marl_add_library name)
  cmake_parse_arguments(ARG "" "" "FOLDERS" ${ARGN})
  set(objects)
  foreach(folder ${ARG_FOLDERS})
    list(APPEND objects $<TARGET_OBJECTS:${folder}>)
  endforeach()
  add_library(${name} STATIC ${objects})
  add_library(${name}_shared SHARED ${objects})
  set(map ${PROJECT_SOURCE_DIR}/cmake/marl.map)
  set_target_properties(${name}_shared PROPERTIES OUTPUT_NAME ${name} VERSION ${PROJECT_VERSION}
    SOVERSION ${MARL_ABI} LINK_DEPENDS ${map})
  target_link_options(${name}_shared PRIVATE -Wl,--version-script=${map})
  foreach(target ${name} ${name}_shared)
    set_target_properties(${target} PROPERTIES LINKER_LANGUAGE C)
    target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
      $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/marl>)
    target_link_libraries(${target} PUBLIC marl_dependencies)
    target_compile_features(${target} PUBLIC c_std_11)
    if(MARL_SANITIZE)
      target_link_options(${target} PUBLIC -fsanitize=address,undefined)
    endif()
  endforeach()
endfunction()

# marl_add_program(TARGET PATH OUTPUT NAME): PATH/main.c, and the library TARGET's commands, marl_cli, of
# all other .c files of PATH: a program outside of the tree links with it and brings its plugins
function(marl_add_program target path)
  cmake_parse_arguments(ARG "" "OUTPUT" "" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${path}/*.c)
  list(REMOVE_ITEM sources ${PROJECT_SOURCE_DIR}/${path}/main.c)
  add_library(marl_cli STATIC ${sources})
  set_target_properties(marl_cli PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(marl_cli PRIVATE $<BUILD_INTERFACE:marl_flags> PUBLIC marl)
  add_executable(${target} ${PROJECT_SOURCE_DIR}/${path}/main.c)
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${ARG_OUTPUT}
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
  target_link_libraries(${target} PRIVATE marl_cli marl_flags)
endfunction()

# marl_add_build_info(TARGET): marl_build_info.h with version, commit and compiler, at each build
function(marl_add_build_info target)
  set(header ${PROJECT_BINARY_DIR}/generated/marl_build_info.h)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  set(compiler "${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION} ${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_${type}}")
  if(MARL_ARCH)
    string(APPEND compiler " -march=${MARL_ARCH}")
  endif()
  string(REGEX REPLACE " +" " " compiler "${compiler}")
  add_custom_target(${target}_build_info BYPRODUCTS ${header}
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DOUTPUT=${header}
      -DVERSION=${PROJECT_VERSION} "-DCOMPILER=${compiler}" -DMPIEXEC=${MPIEXEC_EXECUTABLE}
      -DDATA=${CMAKE_INSTALL_DATADIR}
      -P ${PROJECT_SOURCE_DIR}/cmake/build_info.cmake
    VERBATIM)
  add_dependencies(${target} ${target}_build_info)
  target_include_directories(${target} PRIVATE ${PROJECT_BINARY_DIR}/generated)
endfunction()
