#!/usr/bin/env bash
# Moving house, for real: a catalog goes from one holdfastd to another with its device, and the device goes from its owner
# to the next one. Two services, two owners, one device with its own TPM. Everything happens in one temporary folder on
# loopback, and every process that was started is ended.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

bin=${HOLDFAST_BIN:-$PWD/build/bin}
work=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-moving.XXXXXX")
declare -A server=()

step() { printf '[%3d s] %s\n' "$SECONDS" "$*"; }
fail() {
  printf '\nnot as it should be: %s\n' "$*" >&2
  tail -n 15 "$work"/*.log >&2 2>/dev/null || true
  exit 1
}
stop() { [[ -z ${server[$1]:-} ]] || { kill "${server[$1]}" 2>/dev/null || true; wait "${server[$1]}" 2>/dev/null || true; }; }
clean_up() {
  for name in "${!server[@]}"; do stop "$name"; done
  "$bin/holdfast-virtual-device" power-off --dir "$work/gateway" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# at SERVICE COMMAND...: as the operator of that service.
at() { HOLDFAST_CONFIG=$work/$1.json "$bin/holdfast" "${@:2}"; }
virtual() { "$bin/holdfast-virtual-device" "$@"; }
agent_once() {
  "$bin/holdfast-agent" --state "$work/gateway/disk" --tcti "swtpm:path=$work/gateway/tpm.sock" \
    --boot "$work/gateway/boot" --once "$@" >>"$work/gateway.log" 2>&1
}
serve() {
  "$bin/holdfastd" --data "$work/$1" --device-address 127.0.0.1:0 --management-address 127.0.0.1:0 --log-requests \
    2>"$work/$1.log" >/dev/null &
  server[$1]=$!
  for _ in {1..100}; do grep -q 'holdfastd: ready' "$work/$1.log" && break; sleep 0.1; done
  at "$1" login --link-file "$work/$1/owner-link" --name ada >/dev/null
}
# found CATALOG SERVICE OWNER: a catalog that knows what a good boot of the device is.
found() {
  at "$2" catalog create "$1" --owner "$3" >/dev/null
  at "$2" product create gateway --catalog "$1" >/dev/null
  at "$2" device-group create field --product gateway --catalog "$1" >/dev/null
  at "$2" tpm-root add "$work/maker/swtpm-localca-rootca-cert.pem" --catalog "$1" --owner "$3" >/dev/null
  for part in firmware os; do
    at "$2" reference-values add "$work/$part.reference.json" --catalog "$1" --allow gateway/field >/dev/null
  done
}
id_of() { grep -o 'hf-[0-9a-z]\{4\}-[0-9a-z]\{4\}-[0-9a-z]\{4\}-[0-9a-z]\{4\}' | head -n 1; }

step "A device, its owner, and the service where they are at home"
virtual manufacture --dir "$work/gateway" --maker-ca "$work/maker" >/dev/null
virtual image --component os --version 1.0.0 --security-version 1 >"$work/os.json"
virtual reference-values --firmware >"$work/firmware.reference.json"
virtual reference-values --image "$work/os.json" >"$work/os.reference.json"
serve old
at old owner init --dir "$work/owner" >/dev/null
found acme old "$work/owner"
at old claim create --catalog acme --product gateway --device-group field --out "$work/ticket.json" >/dev/null
virtual boot --dir "$work/gateway" --image "$work/os.json" >/dev/null
agent_once --ticket "$work/ticket.json" || fail "the device did not become healthy"
device=$(at old device list --catalog acme --output json | id_of)
[[ -n $device ]] || fail "no device"

step "One trace leads from the device's log to the service's and to the audit record"
trace=$(sed -n 's/.*event=attest .*trace=\([0-9a-f]\{32\}\).*/\1/p' "$work/gateway.log" | tail -n 1)
[[ -n $trace ]] || fail "the device names no trace"
grep -q "POST /v1/attest \[$trace\]: 200 " "$work/old.log" || fail "the service's log does not know the trace"
at old audit list --catalog acme --output json | grep -q "device.attested.*$trace" ||
  at old audit list --catalog acme --output json | tr -d '\n' | grep -q "device.attested[^}]*$trace" ||
  fail "no audit record names the trace"

step "The catalog leaves: it is an archive, signed by its owner, without a private key"
at old catalog export acme --owner "$work/owner" --out "$work/archive" >/dev/null
[[ $(at old catalog show acme --output json) == *left* ]] || fail "the catalog did not leave"
! at old product create another --catalog acme >/dev/null 2>&1 || fail "a catalog that left was changed"
grep -q '"table":"certificates"' "$work"/archive/page-*.json || fail "no certificates in the archive"

step "A page that was changed is refused, and nothing of it is taken"
serve new
cp -r "$work/archive" "$work/forged"
chmod 700 "$work/forged"
last=$(ls "$work"/forged/page-*.json | tail -n 1)
sed -i 's/catalog.left/catalog.gone/' "$last"
! at new catalog import --from "$work/forged" --owner "$work/owner" >"$work/forged.txt" 2>&1 || fail "a forged page was taken"
grep -q archive-damaged "$work/forged.txt" || fail "another reason than a damaged archive"

step "The other service takes it over, under CAs of its own that the same roots certify"
at new catalog import --from "$work/archive" --owner "$work/owner" >/dev/null || fail "the import failed"
[[ $(at new device list --catalog acme --output json | id_of) == "$device" ]] || fail "the device is not there"
at new audit verify --catalog acme >/dev/null || fail "the audit chain does not go on"

step "The device hears of it from the old service, and goes"
agent_once || true
[[ $(at old catalog show acme --output json) == *left* ]] || fail "the old service took it back"
at old owner publish "$work/owner/acme/trust-policy.json" --catalog acme --dir "$work/owner" >/dev/null
before=$(grep -c . "$work/new.log" || true)
virtual boot --dir "$work/gateway" --image "$work/os.json" >/dev/null
agent_once || true
agent_once || fail "the device did not become healthy at the new service"
grep -q 'POST /v1/attest .*: 200 ' "$work/new.log" || fail "the device did not attest at the new service"
at new device show "$device" --catalog acme --output json | grep -q healthy || fail "it is not healthy there"
openssl verify -CAfile "$work/owner/acme/client-root.pem" -untrusted <(cat "$work"/owner/acme/client-ca-*.pem) \
  <(cat "$work"/owner/acme/client-ca-2.pem) >/dev/null || fail "the new CA is not under the old root"

step "The old service is gone, and nobody misses it"
stop old
agent_once || fail "the device needs the old service"

step "The owner lets the device go: it erases what is theirs, confirms, and is closed in the record"
at new device release "$device" --owner "$work/owner" --catalog acme >/dev/null
agent_once || fail "the device did not let go"
[[ $(at new device show "$device" --catalog acme --output json) == *released* ]] || fail "the record is not closed"
for record in owner identity attestation-key tls-keys attested; do
  [[ ! -e $work/gateway/disk/$record ]] || fail "the device kept its $record"
done
agent_once --ticket "$work/ticket.json" || true
[[ ! -e $work/gateway/disk/identity && ! -e $work/gateway/disk/owner ]] || fail "a used ticket brought it back"

step "The next owner claims it, at another service, and the old one sees nothing of it"
serve next
at next owner init --dir "$work/heir" >/dev/null
found vineyard next "$work/heir"
at next claim create --catalog vineyard --product gateway --device-group field --out "$work/heir.json" >/dev/null
virtual boot --dir "$work/gateway" --image "$work/os.json" >/dev/null
agent_once --ticket "$work/heir.json" || fail "the next owner could not claim it"
at next device show "$device" --catalog vineyard --output json | grep -q healthy || fail "it is not healthy there"
[[ $(at new device show "$device" --catalog acme --output json) == *released* ]] || fail "the first owner sees it again"
at new audit verify --catalog acme >/dev/null
step "Done: every step happened."
