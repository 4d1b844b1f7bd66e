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
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)

# either(<target> <shared> <archive>): a library as who links it wants it; a program that stands alone
# (HOLDFAST_STANDS_ALONE) takes the archive. No other does: the archive of libzstd has a divsufsort of its own, which
# would be taken for Debian's.
function(either target shared archive)
  find_library(${target}_archive ${archive} REQUIRED)
  add_library(${target} INTERFACE)
  target_link_libraries(${target} INTERFACE
    $<IF:$<BOOL:$<TARGET_PROPERTY:HOLDFAST_STANDS_ALONE>>,${${target}_archive},${shared}>)
endfunction()
either(crypto_either OpenSSL::Crypto libcrypto.a)
either(zstd_either PkgConfig::ZSTD libzstd.a)
