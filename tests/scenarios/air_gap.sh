#!/usr/bin/env bash
# The air gap: a device that was enrolled once and never reaches its service again is carried an operating system and an
# application, as one bundle, takes them, tries them and keeps them. What is tampered with, another owner's, older, or
# signed by a service is carried to it too, and refused with what was wrong. What the device boots is simulated, the rest
# is not.
set -Eeuo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

bin=${HOLDFAST_BIN:-$PWD/build/bin}
work=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-air-gap.XXXXXX")
trees=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-trees.XXXXXX")
chmod 755 "$trees"  # the applications' users pass through
server= devices=()
started=$SECONDS

step() { printf '\n[%3d s] %s\n' $((SECONDS - started)) "$*"; }
show() { sed 's/^/         /'; }
exec 3>&2  # also where a step's own words go to a log
fail() {
  printf '\nnot as it should be: %s\n' "$*" >&3
  tail -n 20 "$work"/*.log >&3 2>/dev/null || true
  exit 1
}
# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < until)) || return 1
    sleep 0.3
  done
}
clean_up() {
  local one
  for one in "${devices[@]}" $server; do kill "$one" 2>/dev/null || true; done
  for one in "${devices[@]}" $server; do wait "$one" 2>/dev/null || true; done
  for one in "$work"/board-?; do
    [[ ! -d $one ]] || "$bin/holdfast-virtual-device" power-off --dir "$one" >/dev/null 2>&1 || true
  done
  rm -rf "$work" "$trees"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
trap 'fail "a command failed, line $LINENO"' ERR

export HOLDFAST_CONFIG=$work/operator.json
holdfast() { "$bin/holdfast" "$@"; }
virtual() { "$bin/holdfast-virtual-device" "$@"; }

# device BOARD: boots what is installed and runs its agent, over and over, as a device does that has power.
device() {
  local board=$1 agent= code
  trap 'kill "$agent" 2>/dev/null; wait "$agent" 2>/dev/null; exit 0' TERM
  while true; do
    until virtual boot --dir "$board" --installed os; do echo "it does not start; the watchdog resets it"; done
    "$bin/holdfast-agent" --state "$board/disk" --tcti "swtpm:path=$board/tpm.sock" --boot "$board/boot" \
      --slots "$board/slots" --applications "$trees/${board##*/}" --hardware virtual-board --ticket "$board.ticket.json" \
      --updates-from "$work/stick" &
    agent=$!
    echo "$agent" >"$board.agent"
    code=0
    wait "$agent" || code=$?
    ((code == 10)) || { echo "the agent ended with $code"; exit "$code"; }
  done
}

# image VERSION: what a device boots, as large as a small system's first blocks.
image() {
  virtual image --component os --version "$1" --security-version "$2" >"$work/os-$1"
  truncate -s 64K "$work/os-$1"
}
# application VERSION COMMAND: an image whose program says its version, then does that.
application() {
  local tree=$work/door-tree
  mkdir -p "$tree/bin"
  printf '#!/bin/sh\necho "door %s is here"\n%s\n' "$1" "$2" >"$tree/bin/door"
  chmod 755 "$tree/bin/door"
  printf '{"component": "door", "version": "%s", "entry_point": "/bin/door"}\n' "$1" >"$tree/application.json"
  mkfs.erofs -T0 -U00000000-0000-0000-0000-000000000000 --all-root "$work/door-$1" "$tree" >>"$work/begin.log" 2>&1
}
# publish KIND COMPONENT VERSION SECURITY_VERSION [OPTION...]
publish() {
  holdfast release publish "$work/$2-$3" --repository "$work/images" --dir "$work/owner" --kind "$1" --product gateway \
    --hardware virtual-board --component "$2" --version "$3" --security-version "$4" "${@:5}"
}
allow() {
  virtual reference-values --image "$work/os-$1" >"$work/os-$1.reference.json"
  holdfast reference-values add "$work/os-$1.reference.json" --catalog acme --allow gateway/field
}
# stick WHAT: a folder or a bundle is put in, and the device told.
stick() {
  rm -rf "$work/stick"
  cp -r "$1" "$work/stick.new"
  mv "$work/stick.new" "$work/stick"
  kill -HUP "$(<"$board.agent")"
}
said() { grep -q -- "$1" "$board.log"; }
# refused WHAT REASON WORDS: what is carried changes nothing, and the device says why.
refused() {
  local before
  before=$(<"$board/disk/updates")
  stick "$1"
  wait_for 15 said "event=medium refused=$2 .*$3" || fail "$1 was not refused as $2"
  grep "event=medium refused=$2" "$board.log" | tail -n 1 | show
  [[ $(<"$board/disk/updates") == "$before" ]] || fail "$1 changed what the device follows"
}
# runs COMPONENT VERSION: it does, and is kept.
runs() {
  grep -q '"trial":"none"' "$board/slots/$1/state.json" &&
    cmp -s -n "$(stat -c %s "$work/$1-$2")" "$work/$1-$2" "$board/slots/$1/$(confirmed "$1").img"
}
confirmed() { sed -n 's/.*"confirmed":"\([ab]\)".*/\1/p' "$board/slots/$1/state.json"; }

step "An owner, a service, a device that runs version 1.0 because its service's director says so"
{
  board=$work/board-1
  for owner in owner stranger; do
    holdfast owner init --dir "$work/$owner"
    holdfast release make-key director --dir "$work/$owner"
  done
  "$bin/holdfastd" --data "$work/service" --device-address 127.0.0.1:0 --management-address 127.0.0.1:0 \
    --check-in-every 10s >"$work/holdfastd.log" 2>&1 &
  server=$!
  wait_for 20 grep -q 'holdfastd: ready' "$work/holdfastd.log" || fail "holdfastd did not start"
  holdfast login --link-file "$work/service/owner-link" --name ada
  holdfast catalog create acme --owner "$work/owner"
  holdfast catalog create other --owner "$work/stranger"
  holdfast product create gateway --catalog acme
  holdfast device-group create field --product gateway --catalog acme
  image 1.0 1
  application 1.0 "exec sleep 1000"
  virtual reference-values --firmware >"$work/firmware.reference.json"
  holdfast reference-values add "$work/firmware.reference.json" --catalog acme --allow gateway/field
  allow 1.0
  virtual manufacture --dir "$board" --maker-ca "$work/maker"
  virtual install --dir "$board" --component os --image "$work/os-1.0"
  virtual install --dir "$board" --component door --image "$work/door-1.0" --application
  holdfast tpm-root add "$work/maker/swtpm-localca-rootca-cert.pem" --catalog acme --owner "$work/owner"
  holdfast claim create --catalog acme --product gateway --device-group field --out "$board.ticket.json"
  holdfast release init --repository "$work/images" --dir "$work/owner"
  publish os os 1.0 1
  publish application door 1.0 1
  holdfast release upload --repository "$work/images" --catalog acme
} >"$work/begin.log" 2>&1
for owner in owner:acme stranger:other; do
  holdfast director appoint --catalog "${owner#*:}" --owner "$work/${owner%:*}" \
    --offline-key "$work/${owner%:*}/director-key-1.pub" --confirm-offline-after 10s
done | show
holdfast deployment create os/1.0/image door/1.0/image --product gateway --device-group field --catalog acme --wave 100 >>"$work/begin.log"
device "$board" >"$board.log" 2>&1 &
devices+=($!)
wait_for 40 grep -qs '"a":{.*"a":{' "$board/disk/updates" || fail "the device does not know that it runs what its service wants"

step "The service is gone for good"
kill "$server"
wait "$server" || true
server=

step "At a desk without a network the owner releases 2.0, says who is to have it, and writes one file"
sign() { # REPOSITORY OWNER CATALOG IMAGE...
  holdfast director sign "${@:4}" --catalog "$3" --repository "$1" --dir "$2"
}
bundle() { holdfast release bundle --out "$work/$1.tar" --repository "$2" --dir "$3"; }
{
  sign "$work/images" "$work/owner" acme os/1.0/image door/1.0/image
  bundle old "$work/images" "$work/owner"
  image 2.0 2
  application 2.0 "exec sleep 1000"
  publish os os 2.0 2 --delta-from 1.0
  publish application door 2.0 1 --delta-from 1.0 --needs os:2
} >>"$work/begin.log" 2>&1
sign "$work/images" "$work/owner" acme os/2.0/image door/2.0/image | show
bundle new "$work/images" "$work/owner" | show

step "It is carried to the device, which takes it, tries it and keeps it"
stick "$work/new.tar"
wait_for 60 runs os 2.0 || fail "the device did not keep os 2.0"
wait_for 40 runs door 2.0 || fail "the device did not keep door 2.0"
said 'door 2.0 is here' || fail "the application did not start"
wait_for 5 grep -q '"security_version": 2' "$board/boot/facts.json" || fail "the boot facts do not say 2.0"
grep -h 'event=update' "$board.log" | show

step "What is not the owner's newest word is refused"
refused "$work/old.tar" director-targets-rolled-back 'expected the offline director.s targets 2 or later, saw 1'
{
  image 3.0 3
  publish os os 3.0 3
  sign "$work/images" "$work/owner" acme os/3.0/image door/2.0/image
  bundle newer "$work/images" "$work/owner"
  LC_ALL=C sed 's/"timestamp"/"timestamP"/' "$work/newer.tar" >"$work/tampered.tar"
  cp -r "$work/images" "$work/online"
  cp "$board/disk/director" "$work/online/director/acme/all.json"
  cp "$work/os-1.0" "$work/stranger-os"
  holdfast release init --repository "$work/theirs" --dir "$work/stranger"
  holdfast release publish "$work/stranger-os" --repository "$work/theirs" --dir "$work/stranger" --kind os \
    --product gateway --hardware virtual-board --component os --version 9.0 --security-version 9
  sign "$work/theirs" "$work/stranger" other os/9.0/image
  bundle theirs "$work/theirs" "$work/stranger"
  cp -r "$work/theirs" "$work/posing"
  mv "$work/posing/director/other" "$work/posing/director/acme"
} >>"$work/begin.log" 2>&1
! cmp -s "$work/tampered.tar" "$work/newer.tar" || fail "nothing was tampered with"
refused "$work/tampered.tar" threshold-missed 'expected good signatures of 1'
refused "$work/theirs.tar" word-missing 'expected a word of the offline director for hf-'
refused "$work/posing" threshold-missed 'all.json: expected good signatures of 1'
refused "$work/online" offline-targets-online 'a service.s director signed, which counts from a service alone'
refused "$work/os-3.0" bundle-malformed 'expected a tar archive'
runs os 2.0 && runs door 2.0 || fail "the device does not run 2.0 any more"

step "The same as it was before it was tampered with is taken"
stick "$work/newer.tar"
wait_for 60 runs os 3.0 || fail "the device did not keep os 3.0"

step "Done: every step happened."
