#!/usr/bin/env bash
# An update, for real: an operating system and an application from the owner's desk to devices that run them, in waves;
# then a system that does not start, and an application that crashes: each is stopped at its first device, and that device
# is back by itself. Then settings for the application, of which one device has its own, and settings that make it crash.
# Four devices with TPMs of their own; what they boot is simulated, the rest is not. With --once it plays and exits with
# its status; without, it stays up until Ctrl-C.
set -Eeuo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

. tests/scenarios/devices.sh
once=0
[[ ${1:-} != --once ]] || once=1

# settings VERSION HOUR: for the door, of which the first device has its own.
settings() {
  cat >"$work/door-settings-$1" <<END
{
  "application": "door",
  "settings": {"open": "$2", "light": {"colour": "white", "level": 3}},
  "devices": {"$first": {"light": {"level": 7}}}
}
END
}
# publish_os VERSION SECURITY_VERSION [OPTION...]: with what attestation is to see of it.
publish_os() {
  virtual reference-values --image "$work/os-$1" >"$work/os-$1.reference.json"
  publish os os "$1" "$2" --reference-values "$work/os-$1.reference.json" "${@:3}"
}
# all_run WORDS: four healthy devices say that they run it.
all_run() { [[ $(holdfast device list --catalog acme --verdict healthy | grep -c "$1") == 4 ]]; }
# said BOARD WORDS: its application did.
said() { grep -q "$2" "$work/board-$1.log"; }
# rollout NUMBER TEXT: its state says so.
rollout() { holdfast rollout show "$1" --catalog acme --output json >"$work/rollout.json" && grep -q -- "$2" "$work/rollout.json"; }

step "An owner, a service, four devices that run version 1.0"
{
  holdfast owner init --dir "$work/owner"
  serve --log-requests
  holdfast catalog create acme --owner "$work/owner"
  holdfast product create gateway --catalog acme
  holdfast device-group create field --product gateway --catalog acme
  image 1.0 1
  application 1.0 "exec sleep 1000"
  virtual reference-values --firmware >"$work/firmware.reference.json"
  holdfast reference-values add "$work/firmware.reference.json" --catalog acme --allow gateway/field
  allow 1.0
  for number in 1 2 3 4; do
    virtual manufacture --dir "$work/board-$number" --maker-ca "$work/maker"
    virtual install --dir "$work/board-$number" --component os --image "$work/os-1.0"
    virtual install --dir "$work/board-$number" --component door --image "$work/door-1.0" --application
    [[ $number != 1 ]] || holdfast tpm-root add "$work/maker/swtpm-localca-rootca-cert.pem" --catalog acme --owner "$work/owner"
    holdfast claim create --catalog acme --product gateway --device-group field --out "$work/board-$number.ticket.json"
  done
} >"$work/begin.log" 2>&1
for number in 1 2 3 4; do
  device "$work/board-$number" >"$work/board-$number.log" 2>&1 &
  devices+=($!)
done
wait_for 60 all_run "os 1.0" || fail "four devices did not become healthy"
holdfast device list --catalog acme | show

step "The owner releases 1.0 and 2.0, with a delta between them, and names the service's director"
{
  image 2.0 2
  application 2.0 'if [ -n "$HOLDFAST_SETTINGS" ]; then cat "$HOLDFAST_SETTINGS"; echo; fi
    ! grep -qs never "$HOLDFAST_SETTINGS" || exit 3
    exec sleep 1000'
  holdfast release init --repository "$work/images" --dir "$work/owner"
  publish_os 1.0 1
  publish application door 1.0 1
  publish_os 2.0 2 --delta-from 1.0
  publish application door 2.0 1 --delta-from 1.0 --needs os:2
} | show
holdfast release upload --repository "$work/images" --catalog acme | show
holdfast director appoint --catalog acme --owner "$work/owner" | show

step "2.0 is deployed: to the device whose place comes first, then to all"
place_of() { holdfast device direction "$1" --catalog acme --output json | sed -n 's/.*place is \([0-9.]*\) %.*/\1/p' | head -n 1; }
holdfast deployment create os/1.0/image door/1.0/image --product gateway --device-group field --catalog acme --wave 100 >>"$work/begin.log"
names=$(holdfast device list --catalog acme | grep -o 'hf-[0-9a-z]\{4\}-[0-9a-z]\{4\}-[0-9a-z]\{4\}-[0-9a-z]\{4\}')
first= first_place=
for name in $names; do
  place=$(place_of "$name")
  if [[ -z $first_place ]] || awk "BEGIN { exit !($place < $first_place) }"; then first=$name first_place=$place; fi
done
canary=$(awk "BEGIN { print $first_place + 0.01 }")
holdfast deployment create os/2.0/image door/2.0/image --product gateway --device-group field --catalog acme --wave "$canary:5s" \
  --wave 100 | show
wait_for 90 all_run "os 2.0, door 2.0" || fail "not every device runs 2.0"
for number in 1 2 3 4; do said "$number" 'door 2.0 is here' || fail "an application did not start"; done
holdfast device list --catalog acme | show
holdfast device direction "$first" --catalog acme | show
grep -h 'event=update' "$work"/board-1.log | show
wait_for 60 rollout 2 '"confirmed": 4' || fail "not every device confirmed 2.0"
fetched=$(grep -c '/targets/os/2.0/[0-9a-f.]*\.delta' "$work/holdfastd.log")
((fetched >= 4)) || fail "a device did not fetch the delta"
grep -q '"os":1' "$work/board-1/slots/floor-seen.json" || fail "the vault of a device did not take the floor of what it can still start"
[[ $(grep -c '/targets/os/2.0/[0-9a-f]*\.image' "$work/holdfastd.log") == 0 ]] || fail "a device fetched the whole image"
holdfast rollout show 2 --catalog acme | show

step "3.0 does not start: the gate stops it at its first device, which is back on 2.0 by itself"
echo "no system at all" >"$work/os-3.0"
truncate -s 64K "$work/os-3.0"
publish os os 3.0 3 --delta-from 2.0 | show
holdfast release upload --repository "$work/images" --catalog acme | show
holdfast deployment create os/3.0/image door/2.0/image --product gateway --device-group field --catalog acme --wave "$canary:5s" \
  --wave 100 >>"$work/begin.log"
wait_for 90 rollout 3 'every device that tried it fell back: 1 of 1' || fail "the gate did not stop it"
holdfast rollout show 3 --catalog acme | show
wait_for 60 all_run "os 2.0" || fail "not every device is back on 2.0"
holdfast device direction "$first" --catalog acme | show

holdfast rollout abort 3 --reason "does not start" --catalog acme >>"$work/begin.log"

step "An application that crashes: the same, without a boot"
application 3.0 "exit 3"
publish application door 3.0 1 --delta-from 2.0 | show
holdfast release upload --repository "$work/images" --catalog acme >>"$work/begin.log"
holdfast deployment create os/2.0/image door/3.0/image --product gateway --device-group field --catalog acme \
  --wave "$canary:5s" --wave 100 >>"$work/begin.log"
wait_for 90 rollout 4 'every device that tried it fell back: 1 of 1' || fail "the gate did not stop it"
holdfast rollout show 4 --catalog acme | show
holdfast device direction "$first" --catalog acme | show

holdfast rollout abort 4 --reason "crashes" --catalog acme >>"$work/begin.log"

step "Settings for the application: for all devices, and something else on one"
settings 1 never
sed -i 's/"settings": {/"settings": [/' "$work/door-settings-1"
if publish configuration door-settings 1 1 >"$work/refused.log" 2>&1; then fail "settings were released that no device can read"; fi
grep -q 'line 3: ' "$work/refused.log" || fail "the wrong line was not named"
show <"$work/refused.log"
settings 1 08:00
publish configuration door-settings 1 1 --needs door:1 | show
holdfast release upload --repository "$work/images" --catalog acme >>"$work/begin.log"
holdfast deployment create os/2.0/image door/2.0/image door-settings/1/image --product gateway --device-group field \
  --catalog acme --wave 100 | show
wait_for 60 all_run "door 2.0, door-settings 1" || fail "not every device has the settings"
hf_of() { "$bin/holdfast-agent" --state "$work/board-$1/disk" --status | grep -o 'hf-[-0-9a-z]*' | head -n 1; }
for number in 1 2 3 4; do
  level=3
  [[ $(hf_of "$number") != "$first" ]] || level=7 own=$number
  said "$number" "{\"open\":\"08:00\",\"light\":{\"colour\":\"white\",\"level\":$level}}" ||
    fail "an application read other settings than it should"
done
grep -h '"open"' "$work"/board-?.log | sort | uniq -c | show
wait_for 30 rollout 5 '"confirmed": 4' || fail "not every device confirmed the settings"

step "Settings with which it crashes: stopped at the first device, where the former ones are back"
settings 2 never
publish configuration door-settings 2 1 --needs door:1 >>"$work/begin.log"
holdfast release upload --repository "$work/images" --catalog acme >>"$work/begin.log"
holdfast deployment create os/2.0/image door/2.0/image door-settings/2/image --product gateway --device-group field \
  --catalog acme --wave "$canary:5s" --wave 100 >>"$work/begin.log"
wait_for 60 rollout 6 'every device that tried it fell back: 1 of 1' || fail "the gate did not stop them"
holdfast device direction "$first" --catalog acme | show
all_run "door 2.0, door-settings 1" || fail "not every device has the former settings"
[[ $(grep -h '"open"' "$work/board-$own.log" | tail -n 1) == *08:00* ]] || fail "the application reads the settings that failed"
[[ $(grep -l never "$work"/board-?.log) == "$work/board-$own.log" ]] || fail "another device tried them"

step "It is aborted; the audit log of all this verifies"
holdfast rollout abort 6 --reason "crashes" --catalog acme | show
holdfast audit verify --catalog acme | show

step "Done: every step happened."
((once)) && exit 0
printf '\nThe service and the devices stay up until Ctrl-C. Try, in another terminal:\n\n'
printf '  export HOLDFAST_CONFIG=%s\n  %s/holdfast rollout show 2 --catalog acme\n' "$HOLDFAST_CONFIG" "$bin"
wait "$server"
