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

device_is() { holdfast device list --catalog acme --verdict "$1" | grep -q -- "$2"; }
names() { holdfast device list --catalog acme | grep -o 'hf-[0-9a-z]\{4\}-[0-9a-z]\{4\}-[0-9a-z]\{4\}-[0-9a-z]\{4\}' | sort -u; }
# board NAME: a device that has never run, with a ticket of its own.
board() {
  holdfast claim create --catalog acme --product gateway --device-group field --out "$work/$1.ticket.json" >>"$work/begin.log"
  os device --dir "$work/$1" --image "$work/os-1.0" --keys "$keys" --ticket "$work/$1.ticket.json" --maker-ca "$work/maker"
  [[ -n ${has_root:-} ]] || holdfast tpm-root add "$work/maker/swtpm-localca-rootca-cert.pem" --catalog acme --owner "$work/owner" \
    >>"$work/begin.log"
  has_root=1
}
# publish VERSION SECURITY_VERSION [OPTION...]
publish() {
  holdfast release publish "$work/os-$1/image" --repository "$work/images" --dir "$work/owner" --kind os --product gateway \
    --hardware virtual-x86-64 --component os --version "$1" --security-version "$2" --verity 8388608 \
    --reference-values "$work/os-$1/reference-values.json" "${@:3}"
}
rollout() { holdfast rollout show "$1" --catalog acme --output json >"$work/rollout.json" && grep -q -- "$2" "$work/rollout.json"; }

step "Version 1.0 of the system: kernel, root, one signed boot program (the kernel takes ten minutes the first time)"
image 1.0 1 | show

step "An owner and a service"
{
  holdfast owner init --dir "$work/owner"
  serve --log-requests
  holdfast catalog create acme --owner "$work/owner"
  holdfast product create gateway --catalog acme
  holdfast device-group create field --product gateway --catalog acme
  # Which place is confirmed, and what firmware found beside it, is measured into PCR 1.
  echo '{"version": 1, "pcrs": [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]}' >"$work/policy.json"
  holdfast policy set default "$work/policy.json" --catalog acme
  holdfast reference-values add "$work/os-1.0/reference-values.json" --catalog acme --allow gateway/field
} >"$work/begin.log" 2>&1

step "A golden device: what its firmware measures is the baseline of its kind"
board golden
machine golden
wait_for 60 device_is update-only "os 1.0" || fail "it did not enrol"
golden=$(names)
holdfast policy baseline --device "$golden" --accept --catalog acme | show

step "Another device: TPM, disk with version 1.0 and a claim ticket, firmware with the owner's keys; it is healthy at once"
board field
machine field
wait_for 60 device_is healthy "os 1.0" || fail "it did not become healthy"
name=$(names | grep -v "$golden")
holdfast device list --catalog acme | show
stop golden

step "Version 2.0, with a delta: it is fetched, written, booted once, attested and confirmed"
image 2.0 2 >>"$work/begin.log"
holdfast release init --repository "$work/images" --dir "$work/owner" >>"$work/begin.log"
publish 1.0 1 | show
publish 2.0 2 --delta-from 1.0 | show
holdfast release upload --repository "$work/images" --catalog acme | tail -n 1 | show
holdfast director appoint --catalog acme --owner "$work/owner" >>"$work/begin.log"
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
grep -q 'below' "$work/field.log" && fail "a floor was in the way before"
stop field
python3 -c "
import sys
sys.path.insert(0, 'os')
import disk
with open('$work/field/disk', 'r+b') as file:
    for place in ('slot-a', 'slot-b'):
        file.seek(disk.layout()[place][1] * disk.SECTOR)
        file.write(open('$work/os-1.0/place', 'rb').read())"
machine field
wait_for 60 said field 'cannot begin: expected os of security version 2 or higher, saw 1.0 of 1' || fail "1.0 was not stopped"
! said field 'event=' || fail "the agent ran"

step "Done: every step happened."
((once)) && exit 0
printf '\nThe service and the device stay up until Ctrl-C. Try, in another terminal:\n\n'
printf '  export HOLDFAST_CONFIG=%s\n  %s/holdfast device show %s --catalog acme\n' "$HOLDFAST_CONFIG" "$bin" "$name"
wait "$server"
