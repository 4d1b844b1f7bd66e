# Warnings are errors and hardening is on in every preset; presets add sanitizers or size flags on top.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
  # With CCACHE_SLOPPINESS (./do sets it) this lets ccache keep what was compiled with precompiled headers.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()

add_compile_options(-Wall -Wextra -Wconversion -Wshadow -Werror)
add_compile_options(-fstack-protector-strong -fstack-clash-protection -fcf-protection -fno-plt)
add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# -O3 makes g++ 12 report false -Wrestrict errors. Following variables through optimised code takes a third of the time
# of compiling it; who wants to see them all builds the preset dev.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g -fno-var-tracking")
set(CMAKE_CXX_FLAGS_MINSIZEREL "-Os -g -ffunction-sections -fdata-sections")
if(CMAKE_BUILD_TYPE STREQUAL "MinSizeRel")
  add_link_options(-Wl,--gc-sections)
endif()
if(CMAKE_BUILD_TYPE MATCHES "Release|MinSizeRel")
  add_compile_definitions(_FORTIFY_SOURCE=2)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-Wno-gnu-statement-expression)
endif()
