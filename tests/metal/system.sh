#!/usr/bin/env bash
# A device that is a machine: firmware with Secure Boot and its owner's keys, a TPM, a disk. Its system boots verified and
# measured, enrols, is attested by the firmware's own event log, takes version 2.0 as an update, and is back from 3.0, whose
# root is not the one that was signed, by itself. With --once it plays and exits with its status; without, it stays up
# until Ctrl-C.
set -Eeuo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

. tests/metal/machines.sh
once=0
[[ ${1:-} != --once ]] || once=1

. tests/metal/fleet_of_one.sh

step "Version 2.0, with a delta: it is fetched, written, booted once, attested and confirmed"
image 2.0 2 >>"$work/begin.log"
publish 2.0 2 --delta-from 1.0 | show
holdfast release upload --repository "$work/images" --catalog acme | tail -n 1 | show
holdfast deployment create os/2.0/image --product gateway --device-group field --catalog acme --wave 100 | show
wait_for 180 rollout 1 '"confirmed": 1' || fail "2.0 was not confirmed"
device_is healthy "os 2.0" || fail "it is not healthy with 2.0"
holdfast device list --catalog acme | show

step "Version 3.0, whose root is not the one that its boot program names: the device is back on 2.0 by itself"
image 3.0 3 >>"$work/begin.log"
printf 'X' | dd of="$work/os-3.0/image" bs=1 seek=$((8388608 + 1000000)) conv=notrunc 2>/dev/null
publish 3.0 3 --delta-from 2.0 | show
holdfast release upload --repository "$work/images" --catalog acme >>"$work/begin.log"
place=$(holdfast device direction "$name" --catalog acme --output json | sed -n 's/.*place is \([0-9.]*\) %.*/\1/p' | head -n 1)
holdfast deployment create os/3.0/image --product gateway --device-group field --catalog acme \
  --wave "$(awk "BEGIN { print $place + 0.01 }"):5s" --wave 100 >>"$work/begin.log"
wait_for 240 rollout 2 'every device that tried it fell back: 1 of 1' || fail "3.0 was not stopped"
wait_for 60 device_is healthy "os 2.0" || fail "it is not back on 2.0"
said field 'verity: .* is corrupted' || fail "no verity failure on the console"
holdfast rollout show 2 --catalog acme | show
holdfast device direction "$name" --catalog acme | show

step "A thief of the disk puts 1.0 back, which is signed as well as ever: the chip knows better, and nothing of it runs"
said field 'cannot begin' && fail "a floor was in the way before"
stop field
for place in slot-a slot-b; do put "$work/os-1.0/place" "$place" field; done
machine field
wait_for 60 said field 'cannot begin: expected os of security version 2 or higher, saw 1.0 of 1' || fail "1.0 was not stopped"
! said field 'event=' || fail "the agent ran"

step "Done: every step happened."
((once)) && exit 0
printf '\nThe service and the device stay up until Ctrl-C. Try, in another terminal:\n\n'
printf '  export HOLDFAST_CONFIG=%s\n  %s/holdfast device show %s --catalog acme\n' "$HOLDFAST_CONFIG" "$bin" "$name"
wait "$server"
