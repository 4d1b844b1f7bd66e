#!/usr/bin/env bash
# The one command. `./do help` lists what it can do. Works from a clean clone, in any directory, with or without HOME,
# and downloads nothing but Debian's packages and, in setup, the npm modules of the console's lock file.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

# ccache and TPM tools want a home; without one they get a folder inside the build.
if [[ -z ${HOME:-} || ! -w ${HOME:-} ]]; then
  mkdir -p build/home
  export HOME="$PWD/build/home"
fi
# ccache keeps what precompiled headers were used for only when told how they may differ.
export CCACHE_SLOPPINESS=pch_defines,time_macros
export PYTHONDONTWRITEBYTECODE=1 NINJA_STATUS='[%f/%t, %es] '

build_packages=(g++ cmake ninja-build ccache pkg-config python3 git
  libssl-dev libsqlite3-dev libpq-dev libboost1.81-dev libboost-json1.81-dev libsimdjson-dev libcli11-dev doctest-dev libtss2-dev
  libp11-kit-dev libzstd-dev libdivsufsort-dev)
run_packages=(openssl swtpm swtpm-tools libtss2-tcti-swtpm0 tpm2-tools curl iproute2 softhsm2 erofs-utils)
# Services for the tests, which start their own; Debian would start and enable them. By package: the service's name.
declare -A service_of=([nginx]=nginx [mosquitto]=mosquitto [postgresql-15]=postgresql
  [patroni]=patroni [etcd-server]=etcd [haproxy]=haproxy)
service_packages=(nginx mosquitto postgresql-15)
delta_packages=(bsdiff xdelta3 zstd lz4)  # what our deltas are measured against
client_packages=(strongswan-pki libstrongswan-standard-plugins)  # what others made, for the tests to be served by us
package_packages=(dpkg-dev adduser systemd)  # the last two for the test that installs and starts them
vm_packages=(qemu-system-x86 qemu-utils ovmf sbsigntool systemd-boot-efi dosfstools mtools fdisk)  # virtual machines with real firmware
image_packages=(linux-source-6.1 flex bison bc libelf-dev patch binutils erofs-utils dhcpcd-base rdate e2fsprogs
  libtss2-tcti-device0)  # a device's system: its kernel's source, and what is in its root
ha_packages=(postgresql-15 patroni python3-etcd etcd-server haproxy)  # for ./do ha alone
check_packages=(clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev python3-yaml python3-jsonschema)

say() { printf 'do: %s\n' "$*"; }
die() { printf 'do: %s\n' "$*" >&2; exit 1; }

help() {
  cat <<'END'
usage: ./do COMMAND

  setup                  install the Debian packages that are missing (needs root), and the console's npm modules
  build                  build everything into build/ (preset release)
  run [--once] [--database URL]
                         play the first loop on a virtual device, then updates on four of them; --once exits with its
                         status, else the last ones stay up
  test [SUITE]           build, then test: unit, vectors, scenarios, store, lint, vm, browser, all
                         (without SUITE: everything that needs neither virtual machine nor browser)
  lint [--all]           arrows, sizes, words, format, headers, clang-tidy over what changed (--all: over everything)
  sim ...                the world on virtual time: sim --seed N --devices N --hours H, sim crash enroll|attest|release|update,
                         sim rollout, sim outage (a service that is away for a day), sim years N
  bench [NAME]           every figure that we claim, as a ratio against a named peer in the same run
  bench os               the operating system's figures, beside those of Debian's minimal one
  bench fleet [N]        N devices (100,000; about an hour) that check in each minute, then an outage of all of them
  fuzz [DECODER] [--minutes N] [--merge]
                         fuzz one decoder or all in turn; --merge adds to the corpus the finds that reach something new
  package                Debian packages of holdfastd, holdfast-agent and holdfast, into build/packages
  ha [--once] [--trials N] [--control]
                         two holdfastd on three PostgreSQL nodes: the primary and a holdfastd die under load, and no
                         acknowledged write is lost; --once also shows that asynchronous commit would lose some
  image                  make a device's operating system as it is released, into build/image; prints paths and sizes
  vm [--once]            a virtual device with real firmware, Secure Boot and a TPM next to a service: it boots, enrols, is
                         attested, takes an update, and is back by itself from one that is broken
  vm failures            four ways in which an update fails on it, and that it comes back from each (10 minutes)
  vm tamper [--write]    what one changed bit does, in each part of it: the table in docs/os.md
  vm cuts [N]            its power goes N (200) times at random moments, and nothing that it acknowledged is lost (40 minutes)
  help                   this text
END
}

# --- packages ---------------------------------------------------------------------------------------------------------

missing_packages() {
  local name
  for name in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null || true) == installed ]] || printf '%s\n' "$name"
  done
}

# Counts apt's steps aloud, so that a long installation is seen to move.
show_install_progress() {
  awk '/^Unpacking / {unpacked++} /^Setting up / {set_up++}
       /^(Unpacking|Setting up) / && ++n % 20 == 0 {
         printf "do:   %d packages unpacked, %d set up\n", unpacked, set_up; fflush() }'
}

# apt_install PACKAGE...: the services among them are neither started now nor at the next boot.
apt_install() (
  policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\ncase $1 in %s) exit 101 ;; esac\n' "$(IFS='|' && echo "${service_of[*]}")" >"$policy"
    chmod 755 "$policy"
  fi
  apt-get -q update && apt-get -q install -y --no-install-recommends "$@" || exit
  for name in "$@"; do
    [[ -z ${service_of[$name]:-} ]] || update-rc.d "${service_of[$name]}" disable || exit
  done
)

# need PACKAGE...: installs what is missing, and nothing when nothing is.
need() {
  local missing log
  command -v dpkg-query >/dev/null || die "expected a Debian system (dpkg-query), saw none"
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  ((EUID == 0)) || die "these packages are missing and only root can install them (./do setup): ${missing[*]}"
  say "installing: ${missing[*]}"
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  if ! apt_install "${missing[@]}" 2>&1 </dev/null | tee "$log" | show_install_progress; then
    tail -n 25 "$log" >&2
    die "apt-get failed; its whole output is in $log"
  fi
  rm -f "$log"
}

setup() {
  need "${build_packages[@]}" "${run_packages[@]}" "${check_packages[@]}" "${service_packages[@]}" "${client_packages[@]}" \
    "${package_packages[@]}" "${delta_packages[@]}" "${vm_packages[@]}" "${image_packages[@]}"
  say "every package is there"
  console_modules
}

# By the lock file, for the check of the TypeScript client, which is skipped where they cannot be had. Where somebody has
# a node of their own, Debian's npm conflicts with it and stays away.
console_modules() {
  local lock=console/client/package-lock.json
  cmp -s "$lock" console/client/node_modules/.from-lock && return
  command -v node >/dev/null || need nodejs
  command -v npm >/dev/null || need npm
  if npm ci --prefix console/client --ignore-scripts --no-audit --no-fund >/dev/null; then
    cp "$lock" console/client/node_modules/.from-lock
    say "the console's npm modules are there"
  else
    say "the console's npm modules could not be had; its client is not checked"
  fi
}

# --- build and test ---------------------------------------------------------------------------------------------------

# configure PRESET DIRECTORY: once; afterwards the build keeps itself up to date.
configure() {
  [[ -f $2/build.ninja ]] && return
  say "configuring $2"
  cmake --preset "$1" >/dev/null
}

# build_tree PRESET DIRECTORY [TARGET...]
build_tree() {
  local preset=$1 directory=$2
  shift 2
  need "${build_packages[@]}"
  configure "$preset" "$directory"
  cmake --build "$directory" -j "$(nproc)" ${1:+--target "$@"}
}

build() { build_tree release build; }

run() {
  local once=() more=()
  while (($#)); do
    if [[ $1 == --once ]]; then once=(--once); else more+=("$1"); fi
    shift
  done
  need "${run_packages[@]}"
  build_tree release build programs
  bash tests/scenarios/first_loop.sh --once "${more[@]}"
  printf '\n\nOn from the first certificate: releases, deployments, updates.\n'
  exec bash tests/scenarios/update.sh "${once[@]}"
}

# count_tests LABEL: how many ctest entries carry it.
count_tests() { ctest --test-dir build -N -L "^$1\$" | sed -n 's/^Total Tests: //p'; }

# Suites that were asked for and have no test say so; an empty suite never passes in silence.
report_empty_suites() {
  local label empty=0
  for label in "$@"; do
    [[ $(count_tests "$label") == 0 ]] || continue
    say "suite $label: no tests in this version yet"
    empty=1
  done
  return "$empty"
}

test_tree() {
  local suite=${1:-} choose=()
  case $suite in
    '') choose=(-LE '^(vm|browser)$') ;;
    all) ;;
    unit | vectors | scenarios | store | lint | vm | browser) choose=(-L "^$suite\$") ;;
    *) die "expected a suite (unit, vectors, scenarios, store, lint, vm, browser, all), saw '$suite'" ;;
  esac
  need "${build_packages[@]}" "${run_packages[@]}" "${check_packages[@]}" "${service_packages[@]}" "${client_packages[@]}" \
    "${package_packages[@]}"
  if [[ $suite == vm || $suite == all ]]; then need "${vm_packages[@]}" "${image_packages[@]}"; fi
  if [[ $suite == unit ]]; then build_tree release build unit_tests; else build; fi
  case $suite in
    '') report_empty_suites unit vectors scenarios store lint || true ;;
    all) report_empty_suites unit vectors scenarios store lint vm browser || true ;;
    *) report_empty_suites "$suite" || exit 1 ;;
  esac
  ctest --test-dir build --output-on-failure --no-tests=error -j 2 "${choose[@]}"
}

lint() {
  need "${build_packages[@]}" "${check_packages[@]}"
  configure release build
  exec python3 lint --build build "$@"
}

package() {
  need "${build_packages[@]}" "${package_packages[@]}"
  build_tree release build programs
  packaging/make.sh build/packages
}

# --- programs ---------------------------------------------------------------------------------------------------------

# play PROGRAM ARGUMENT...: builds one program and becomes it.
play() {
  local program=$1
  shift
  need "${build_packages[@]}"
  configure release build
  ninja -C build -t query "$program" >/dev/null 2>&1 || die "the program $program is not part of this version yet"
  build_tree release build "$program"
  exec "build/bin/$program" "$@"
}

bench() {
  need "${build_packages[@]}" nginx erofs-utils "${delta_packages[@]}"
  [[ ${1:-} != os ]] || bench_os
  [[ ${1:-} == fleet ]] || play holdfast-bench "$@"
  build_tree release build holdfastd holdfast holdfast-swarm
  HOLDFAST_CHECK_IN_EVERY=60s exec tests/scenarios/swarm.sh "${2:-100000}" --arrive-over 20min --stay 3min --p99-max 50 \
    --outage --give-up-after 15min --threads 128
}

# The figures of a device's operating system, and Debian's minimal one beside them, which is made at the first use.
bench_os() {
  need "${vm_packages[@]}" "${image_packages[@]}" debootstrap
  build_tree release build programs
  exec python3 bench/os
}

# Keys for development are made at the first use, in the cache.
image() {
  need "${build_packages[@]}" "${vm_packages[@]}" "${image_packages[@]}"
  build_tree release build programs
  exec python3 os image --out build/image --keys "${HOLDFAST_CACHE:-/var/cache/holdfast}/development-keys" \
    --version "${1:-1.0}" --security-version "${2:-1}"
}

vm() {
  local story=system
  case ${1:-} in
    '' | --once) ;;
    failures | tamper)
      story=$1
      shift
      ;;
    cuts)
      story=cuts
      shift
      [[ ${1:-200} =~ ^[1-9][0-9]*$ ]] || die "expected a number of cuts, saw '$1'"
      set -- "${1:-200}"
      ;;
    *) die "expected vm, vm --once, vm failures, vm tamper or vm cuts N, saw 'vm $*'" ;;
  esac
  need "${build_packages[@]}" "${run_packages[@]}" "${vm_packages[@]}" "${image_packages[@]}"
  build_tree release build programs
  exec bash "tests/metal/$story.sh" "$@"
}

ha() {
  need "${build_packages[@]}" "${ha_packages[@]}"
  build_tree release build holdfastd holdfast ha_load
  exec python3 tests/ha "$@"
}

fuzz() {
  local decoders=() minutes=1 merge=0 decoder found
  while (($#)); do
    case $1 in
      --minutes) [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || die "--minutes takes a whole number from 1"; minutes=$2; shift ;;
      --merge) merge=1 ;;
      -*) die "fuzz: unknown option $1" ;;
      *) [[ -f tests/fuzz/$1.cc ]] || die "expected a decoder (a tests/fuzz/NAME.cc), saw '$1'"; decoders+=("$1") ;;
    esac
    shift
  done
  if ((${#decoders[@]} == 0)); then
    mapfile -t decoders < <(grep -l 'int LLVMFuzzerTestOneInput.*{' tests/fuzz/*.cc | xargs -r -n1 basename -s .cc)
  fi
  ((${#decoders[@]})) || die "no decoder has a fuzz target in this version yet"
  need "${build_packages[@]}" "${check_packages[@]}"
  build_tree fuzz build-fuzz "${decoders[@]/#/fuzz_}"
  for decoder in "${decoders[@]}"; do
    # Finds stay outside the tree until --merge picks those that reach something new.
    found=build-fuzz/found/$decoder
    mkdir -p "$found" build-fuzz/crashes "tests/fuzz/corpus/$decoder"
    say "fuzzing $decoder for $minutes min"
    "build-fuzz/bin/fuzz_$decoder" -max_total_time=$((minutes * 60)) -timeout=10 -rss_limit_mb=1024 \
      -print_final_stats=1 "-artifact_prefix=build-fuzz/crashes/$decoder-" "$found" "tests/fuzz/corpus/$decoder"
    if ((merge)); then
      "build-fuzz/bin/fuzz_$decoder" -merge=1 "tests/fuzz/corpus/$decoder" "$found"
    fi
  done
}

command=${1:-help}
(($# == 0)) || shift
case $command in
  setup) setup ;;
  build) build ;;
  run) run "$@" ;;
  test) test_tree "$@" ;;
  lint) lint "$@" ;;
  sim) play holdfast-sim "$@" ;;
  bench) bench "$@" ;;
  fuzz) fuzz "$@" ;;
  package) package ;;
  ha) ha "$@" ;;
  image) image "$@" ;;
  vm) vm "$@" ;;
  help | -h | --help) help ;;
  *) help >&2; die "unknown command '$command'" ;;
esac
