#!/usr/bin/env bash
# A network without DHCP, from which nothing but a proxy leads out: its factory tells the device its address, the proxy and who
# knows the time; its owner then gives it another address by signed settings. A reset takes these back, and they come again.
# With --fall-back it waits for what takes ten minutes: settings by which no service is reached are taken back.
set -Eeuo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

if [[ ${1:-} != --inside ]]; then
  unshare -n true 2>/dev/null || { echo "skipped: no network namespace can be made"; exit 77; }
  [[ -c /dev/net/tun ]] || { echo "skipped: there is no /dev/net/tun"; exit 77; }
  exec unshare -n "${BASH_SOURCE[0]}" --inside "$@"
fi
. tests/metal/machines.sh

settings() {
  printf '{"interfaces": {"eth0": {"addresses": ["10.9.0.%s/24"], "gateway": "10.9.0.1"}}, "name_servers": ["10.9.0.1"],
    "time_servers": ["10.9.0.1"], "proxy": {"host": "10.9.0.1", "port": %s}}\n' "$1" "$2"
}
# give VERSION ADDRESS PORT: settings of the owner's, for every device.
give() {
  printf '{"application": "network", "settings": %s}\n' "$(settings "$2" "$3")" >"$work/network-$1"
  holdfast release publish "$work/network-$1" --repository "$work/images" --dir "$work/owner" --kind configuration --product gateway \
    --hardware virtual-x86-64 --component network-settings --version "$1" --security-version 1
  holdfast release upload --repository "$work/images" --catalog acme
  holdfast deployment create "network-settings/$1/image" --product gateway --device-group field --catalog acme --wave 100
}
rollout() { holdfast rollout show "$1" --catalog acme --output json >"$work/rollout.json" && grep -q -- "$2" "$work/rollout.json"; }
helped() { grep -q "$1 for 10.9.0.$2" "$work/neighbours.log"; }

make_owner >"$work/begin.log"
step "The system, a service, and a network with a proxy and a clock"
image 1.0 1 >>"$work/begin.log"
ip link set lo up
ip tuntap add name tap0 mode tap
ip addr add 10.9.0.1/24 dev tap0
ip link set tap0 up
python3 tests/metal/neighbours.py 10.9.0.1 >"$work/neighbours.log" 2>&1 &
machines[neighbours]=$!
{
  serve --log-requests
  make_catalog
  holdfast reference-values add "$work/os-1.0/reference-values.json" --catalog acme --allow gateway/field
  holdfast claim create --catalog acme --product gateway --device-group field --out "$work/ticket.json"
  settings 7 3128 >"$work/network.json"
  os device --dir "$work/field" --image "$work/os-1.0" --keys "$keys" --ticket "$work/ticket.json" --maker-ca "$work/maker" \
    --network "$work/network.json"
  os reset-medium --out "$work/reset"
  holdfast tpm-root add "$work/maker/swtpm-localca-rootca-cert.pem" --catalog acme --owner "$work/owner"
  holdfast director appoint --catalog acme --owner "$work/owner"
} >>"$work/begin.log" 2>&1
field() { machine field --memory 64 --direct "$work/os-1.0" --tap tap0 "$@"; }

step "By what its factory said the device has an address, goes through the proxy, and learns that it is not 2020"
field --rtc 2020-01-01
wait_for 60 said field 'event=check-in' || fail "it did not check in"
helped way 7 || fail "it went by another way"
wait_for 30 said field "init: time: $(date -u +%Y-%m-%d)" || fail "it did not set its clock"

step "Its owner gives it another address: the settings are tried, and kept"
give 1 8 3128 >>"$work/begin.log"
wait_for 120 said field 'event=update phase=done' || fail "the settings were not kept"
helped way 8 || fail "it did not come from its new address"
stop field
: >"$work/neighbours.log"
field
wait_for 60 said field 'event=check-in' || fail "it did not check in again"
! helped way 7 || fail "it began with what its factory said"

step "Somebody who is there has it reset: it is as it was made, still its owner's, and gets the settings anew"
stop field
: >"$work/neighbours.log"
field --attach "$work/reset"
wait_for 60 said field 'init: the device is as it was made, and whose it was' || fail "it was not reset"
wait_for 120 helped way 8 || fail "it did not get its owner's settings again"
helped way 7 || fail "it did not begin with what its factory said"
! said field 'event=enroll' || fail "it enrolled anew"
stop field
field --attach "$work/reset"
wait_for 60 said field 'event=check-in' || fail "it did not check in after its reset"
! said field 'asks for a reset' || fail "it was reset again by the same disk"

if [[ ${2:-} == --fall-back ]]; then
  step "Settings by which no service is reached: they are tried for ten minutes, and taken back"
  give 2 9 1 >>"$work/begin.log"
  wait_for 1500 rollout 2 'service-unreached' || fail "they were not taken back"
  helped way 8 || fail "it is not back"
fi
step "Done"
