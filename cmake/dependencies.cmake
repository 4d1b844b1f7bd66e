# Every library that Holdfast stands on, found once. Doors (ARCHITECTURE.md) decide who may link which.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(simdjson REQUIRED)
pkg_check_modules(TSS2 REQUIRED IMPORTED_TARGET tss2-esys tss2-tctildr tss2-rc tss2-mu)
pkg_check_modules(PQ REQUIRED IMPORTED_TARGET libpq)
