# Build rules shared by every layer, program and test.

add_library(guardwatch_flags INTERFACE)
target_compile_options(guardwatch_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Werror
  # Derived statistics must not depend on the machine: no fused multiply-add behind our back.
  -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 sees overlapping copies in std::string's operator+ that are not there (GCC bug 105651).
  target_compile_options(guardwatch_flags INTERFACE -Wno-restrict)
endif()
if(GUARDWATCH_SANITIZE)
  # Somewhat optimised, or the tests take ten times as long. What GCC then takes for uninitialized is
  # the sanitizers' own code; the release build has that warning.
  target_compile_options(guardwatch_flags INTERFACE
    -fsanitize=${GUARDWATCH_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
    $<$<CONFIG:Debug>:-O1> -Wno-maybe-uninitialized)
  target_link_options(guardwatch_flags INTERFACE -fsanitize=${GUARDWATCH_SANITIZE})
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# guardwatch_layer(<name> SOURCES <file>... [DEPS <layer>...] [THIRD_PARTY <target>...]
#                  [PUBLIC_THIRD_PARTY <target>...])
#
# Declares one layer: a folder under lib/, a target, and an include prefix of the same name.
# DEPS are the layers whose headers it may include; THIRD_PARTY the libraries that only its own
# source files see.
function(guardwatch_layer name)
  cmake_parse_arguments(LAYER "" "" "SOURCES;DEPS;THIRD_PARTY;PUBLIC_THIRD_PARTY" ${ARGN})
  if(LAYER_SOURCES)
    add_library(${name} STATIC ${LAYER_SOURCES})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/lib)
    target_link_libraries(${name}
      PUBLIC ${LAYER_DEPS} ${LAYER_PUBLIC_THIRD_PARTY}
      PRIVATE guardwatch_flags ${LAYER_THIRD_PARTY})
    if(GUARDWATCH_SANITIZE)
      target_link_options(${name} PUBLIC -fsanitize=${GUARDWATCH_SANITIZE})
    endif()
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR}/lib)
    target_link_libraries(${name} INTERFACE ${LAYER_DEPS} ${LAYER_PUBLIC_THIRD_PARTY})
  endif()
  add_library(guardwatch::${name} ALIAS ${name})
endfunction()

# Seconds. Unoptimised with sanitizers some tests take ten times as long.
set(GUARDWATCH_TEST_TIMEOUT 300)
if(GUARDWATCH_SANITIZE)
  set(GUARDWATCH_TEST_TIMEOUT 1200)
endif()

# guardwatch_test(<layer> [DEPS <target>...]): all <layer> tests of the current folder in one program.
function(guardwatch_test name)
  cmake_parse_arguments(TEST "" "" "DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cc)
  add_executable(${name}_tests ${sources})
  target_include_directories(${name}_tests PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name}_tests PRIVATE guardwatch_flags ${TEST_DEPS} GTest::gtest_main GTest::gmock)
  target_compile_definitions(${name}_tests PRIVATE
    GUARDWATCH_SOURCE_DIR="${PROJECT_SOURCE_DIR}" GUARDWATCH_BINARY_DIR="${PROJECT_BINARY_DIR}")
  add_test(NAME ${name} COMMAND ${name}_tests)
  set_tests_properties(${name} PROPERTIES TIMEOUT ${GUARDWATCH_TEST_TIMEOUT})
endfunction()

# The programs' allocator. One heap operation per Kafka message, allocated on one thread and freed on
# another, is where the default allocator loses; sanitizers bring their own.
add_library(guardwatch_allocator INTERFACE)
if(NOT GUARDWATCH_SANITIZE)
  find_library(JEMALLOC jemalloc)
  if(JEMALLOC)
    target_compile_definitions(guardwatch_allocator INTERFACE GUARDWATCH_JEMALLOC)
    target_sources(guardwatch_allocator INTERFACE ${PROJECT_SOURCE_DIR}/daemon/allocator.cc)
    target_link_libraries(guardwatch_allocator INTERFACE -Wl,--no-as-needed ${JEMALLOC} -Wl,--as-needed)
  endif()
endif()
