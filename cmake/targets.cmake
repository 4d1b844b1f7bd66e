# Reading the standard library's headers costs a second per unit, more than the rest of most units; so they are read once
# for the libraries and once for the tests. lint/ holds every file to including what it uses all the same.
set(HOLDFAST_STANDARD_HEADERS <algorithm> <array> <chrono> <cstdint> <expected> <functional> <map> <memory> <optional>
                              <span> <string> <string_view> <utility> <variant> <vector>)

# holdfast_precompiled(<target> <owner>): the first caller makes the precompiled headers, the others share them. Both
# are compiled with the same options.
function(holdfast_precompiled target owner)
  if(target STREQUAL owner)
    target_precompile_headers(${target} PRIVATE ${HOLDFAST_STANDARD_HEADERS})
  else()
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endif()
endfunction()

# Tests are compiled quickly rather than well: what they call is what ships.
function(holdfast_test_options target)
  target_compile_options(${target} PRIVATE -O0 -g1 -U_FORTIFY_SOURCE -fPIC)
  holdfast_precompiled(${target} test_main)
endfunction()

# holdfast_library(<name> [LINKS <target>...] [DOOR <target>...] [TEST_LINKS <target>...])
#   One static library from the .cc files of this directory; its *_test.cc files become the program <name>_test,
#   which runs under ctest with the label `unit`. LINKS repeats the table of arrows. DOOR names foreign libraries,
#   whose headers stay in this directory's .cc files.
function(holdfast_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINKS;DOOR;TEST_LINKS")
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(sources)
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${name} PUBLIC ${arg_LINKS} PRIVATE ${arg_DOOR})
    holdfast_precompiled(${name} base)
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${name} INTERFACE ${arg_LINKS} ${arg_DOOR})
  endif()
  if(tests AND NOT HOLDFAST_FUZZ)
    holdfast_test(${name}_test LABEL unit SOURCES ${tests} LINKS ${name} ${arg_TEST_LINKS})
  endif()
endfunction()

# holdfast_test(<name> LABEL <label> SOURCES <file>... LINKS <target>... [TIMEOUT <seconds>])
#   One doctest program, one ctest entry. Exit 77 counts as skipped; a program in which no case ran fails.
add_custom_target(unit_tests)  # those with the label `unit`: what is built again and again while writing
function(holdfast_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "SOURCES;LINKS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINKS} test_main)
  holdfast_test_options(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test)
  add_test(NAME ${name} COMMAND ${name})
  if(arg_LABEL STREQUAL unit)
    add_dependencies(unit_tests ${name})
  endif()
  holdfast_cost(cost "${arg_LABEL}")
  set_tests_properties(${name} PROPERTIES
    LABELS "${arg_LABEL}" SKIP_RETURN_CODE 77 TIMEOUT ${arg_TIMEOUT} COST ${cost})
endfunction()

# holdfast_cost(<variable> <label>): ctest starts what costs more first, so the quick suites speak first.
function(holdfast_cost variable label)
  set(order scenarios store lint vectors unit)  # last to first
  list(FIND order "${label}" place)
  math(EXPR cost "(${place} + 1) * 1000")
  set(${variable} ${cost} PARENT_SCOPE)
endfunction()

# holdfast_program(<name> SOURCES <file>... LINKS <target>...): a program in build/bin; the target `programs` builds all.
add_custom_target(programs)
function(holdfast_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINKS})
  target_compile_options(${name} PRIVATE -fPIC)  # as the libraries are, whose precompiled headers it shares
  holdfast_precompiled(${name} base)
  add_dependencies(programs ${name})
endfunction()

# holdfast_stands_alone(<program>): without shared libraries where it ships: it starts in a fraction of the time, and
# runs in a root that has none. Sanitizers need them.
function(holdfast_stands_alone name)
  if(CMAKE_BUILD_TYPE MATCHES "Release|MinSizeRel")
    set_target_properties(${name} PROPERTIES HOLDFAST_STANDS_ALONE ON)
    target_link_options(${name} PRIVATE -static-pie)
  endif()
endfunction()

# holdfast_fuzz(<decoder> LINKS <target>...): tests/fuzz/<decoder>.cc as a libFuzzer program (preset fuzz), and in every
#   other preset as a ctest entry (label `vectors`) that replays the corpus tests/fuzz/corpus/<decoder>.
function(holdfast_fuzz decoder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINKS")
  set(name fuzz_${decoder})
  set(corpus ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${decoder})
  add_executable(${name} ${PROJECT_SOURCE_DIR}/tests/fuzz/${decoder}.cc)
  target_link_libraries(${name} PRIVATE ${arg_LINKS})
  if(HOLDFAST_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_link_libraries(${name} PRIVATE fuzz_replay)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test)
    add_test(NAME ${name} COMMAND ${name} ${corpus})
    holdfast_cost(cost vectors)
    set_tests_properties(${name} PROPERTIES LABELS vectors SKIP_RETURN_CODE 77 TIMEOUT 120 COST ${cost})
  endif()
endfunction()
