#!/usr/bin/env bash
# The air gap: a device that was enrolled once and never reaches its service again is carried an operating system and an
# application, as one bundle, takes them, tries them and keeps them. What is tampered with, another owner's, older, or
# signed by a service is carried to it too, and refused with what was wrong. What the device boots is simulated, the rest
# is not.
set -Eeuo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

. tests/scenarios/devices.sh
agent_options=(--updates-from "$work/stick")

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
  serve
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
