# Every library that Holdfast stands on, found once. Doors (ARCHITECTURE.md) decide who may link which.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(simdjson REQUIRED)
pkg_check_modules(TSS2 REQUIRED IMPORTED_TARGET tss2-esys tss2-tctildr tss2-rc tss2-mu)
pkg_check_modules(PQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(P11KIT REQUIRED IMPORTED_TARGET p11-kit-1)
pkg_check_modules(DIVSUFSORT REQUIRED IMPORTED_TARGET libdivsufsort)

# archive_of(<target> <file>): a library that is always linked from its archive.
function(archive_of target file)
  find_library(${target}_file ${file} REQUIRED)
  add_library(${target} STATIC IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION ${${target}_file})
endfunction()
archive_of(zstd_archive libzstd.a)
archive_of(crypto_archive libcrypto.a)
# libcrypto as who links it wants it: a program that stands alone (HOLDFAST_STANDS_ALONE) takes the archive.
add_library(crypto_either INTERFACE)
target_link_libraries(crypto_either INTERFACE
  $<IF:$<BOOL:$<TARGET_PROPERTY:HOLDFAST_STANDS_ALONE>>,crypto_archive,OpenSSL::Crypto>)
