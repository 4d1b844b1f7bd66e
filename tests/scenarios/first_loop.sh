#!/usr/bin/env bash
# The first loop, for real: an owner, a service, a device with its own TPM, from manufacture to a certificate, through a
# tampered boot, a copied disk and a cleared TPM. With --once it plays and exits with its status; without, it stays up
# until Ctrl-C. Everything happens in one temporary folder, and every process that was started is ended. With
# --database URL the service keeps its state in that PostgreSQL database, which is empty before and is left as it is.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

bin=${HOLDFAST_BIN:-$PWD/build/bin}
work=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-run.XXXXXX")
once=0 database=()
while (($#)); do
  case $1 in
    --once) once=1 ;;
    --database) database=(--database "${2:?--database takes a URL}"); shift ;;
    *) printf 'expected --once or --database URL, saw %s\n' "$1" >&2; exit 2 ;;
  esac
  shift
done
server= agent=
started=$SECONDS

step() { printf '\n[%3d s] %s\n' $((SECONDS - started)) "$*"; }
show() { sed 's/^/         /'; }
fail() {
  printf '\nnot as it should be: %s\n' "$*" >&2
  tail -n 20 "$work"/*.log >&2 2>/dev/null || true
  exit 1
}
# expect TEXT FILE: the file says it.
expect() { grep -q -- "$1" "$2" || { cat "$2" >&2; fail "expected '$1'"; }; }

# held N: what the connection that is held was answered the N-th time, shown and kept in held.txt.
held() {
  for _ in {1..100}; do (($(wc -l <"$work/hold.txt") < $1)) || break; sleep 0.05; done
  sed -n "$1p" "$work/hold.txt" | tee "$work/held.txt" | show
}

stop() {
  [[ -z ${1:-} ]] || kill "$1" 2>/dev/null || true
  [[ -z ${1:-} ]] || wait "$1" 2>/dev/null || true
}
clean_up() {
  stop "$agent"
  stop "$server"
  for device in "$work"/gateway-* ; do
    [[ ! -d $device ]] || "$bin/holdfast-virtual-device" power-off --dir "$device" >/dev/null 2>&1 || true
  done
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

export HOLDFAST_CONFIG=$work/operator.json
owner_dir=$work/owner
holdfast() { "$bin/holdfast" "$@"; }
virtual() { "$bin/holdfast-virtual-device" "$@"; }

# agent_once DEVICE [OPTION...]: the device's agent until it is attested and checked in.
agent_once() {
  local device=$1
  shift
  "$bin/holdfast-agent" --state "$device/disk" --tcti "swtpm:path=$device/tpm.sock" --boot "$device/boot" --once "$@" \
    >>"$device.log" 2>&1
}

step "The owner makes a root of trust, outside the service's folder"
holdfast owner init --dir "$owner_dir" | show

step "holdfastd starts with no configuration and hands over its owner link once"
"$bin/holdfastd" --data "$work/service" --device-address 127.0.0.1:0 --management-address 127.0.0.1:0 "${database[@]}" \
  >"$work/holdfastd.log" 2>&1 &
server=$!
for _ in {1..100}; do
  grep -q 'holdfastd: ready' "$work/holdfastd.log" && break
  kill -0 "$server" 2>/dev/null || fail "holdfastd ended"
  sleep 0.05
done
expect 'holdfastd: ready' "$work/holdfastd.log"
show <"$work/holdfastd.log"
holdfast login --link-file "$work/service/owner-link" --name ada | show

step "A catalog: client CA and update CA, each under a root of its own that stays with the owner"
holdfast catalog create acme --owner "$owner_dir" | show
holdfast product create gateway --catalog acme | show
holdfast device-group create field --product gateway --catalog acme | show

step "A device is manufactured: a TPM with an endorsement certificate from a TPM maker"
virtual manufacture --dir "$work/gateway-1" --maker-ca "$work/maker" | show
holdfast tpm-root add "$work/maker/swtpm-localca-rootca-cert.pem" --catalog acme --owner "$owner_dir" | show

step "What a good boot looks like: reference values of firmware and OS, allowed for the group"
virtual image --component os --version 1.0.0 --security-version 1 >"$work/os.json"
virtual reference-values --firmware >"$work/firmware.reference.json"
virtual reference-values --image "$work/os.json" >"$work/os.reference.json"
for part in firmware os; do
  holdfast reference-values add "$work/$part.reference.json" --catalog acme --allow gateway/field | show
done

step "The device is claimed with a ticket, enrols by credential activation, attests, gets both certificates, checks in"
holdfast claim create --catalog acme --product gateway --device-group field --out "$work/ticket.json" | show
virtual boot --dir "$work/gateway-1" --image "$work/os.json" | show
agent_once "$work/gateway-1" --ticket "$work/ticket.json" || fail "the device did not become healthy"
holdfast device list --catalog acme --output json >"$work/devices.json"
device=$(grep -o 'hf-[0-9a-z]\{4\}-[0-9a-z]\{4\}-[0-9a-z]\{4\}-[0-9a-z]\{4\}' "$work/devices.json" | head -n 1)
[[ -n $device ]] || fail "no device is in the catalog"
holdfast device show "$device" --catalog acme | tee "$work/show.txt" | show
expect healthy "$work/show.txt"
holdfast certificate list --device "$device" --catalog acme | show

step "A connection with the client certificate is opened and stays open"
mkfifo "$work/hold.in"
: >"$work/hold.txt"  # there before anybody looks at it
"$bin/holdfast-agent" --state "$work/gateway-1/disk" --tcti "swtpm:path=$work/gateway-1/tpm.sock" \
  --boot "$work/gateway-1/boot" --hold-connection <"$work/hold.in" >"$work/hold.txt" 2>"$work/hold.log" &
agent=$!
exec 3>"$work/hold.in"
held 1
expect 'status 200' "$work/held.txt"

step "Its boot is tampered with: it gets the update certificate only"
virtual boot --dir "$work/gateway-1" --image "$work/os.json" --tamper | show
agent_once "$work/gateway-1" || true
holdfast device show "$device" --catalog acme | tee "$work/show.txt" | show
expect update-only "$work/show.txt"

step "Its earlier client certificate is refused on the connection that was already open"
echo >&3
held 2
expect 'status 403' "$work/held.txt"
exec 3>&-
stop "$agent"
agent=

step "explain names the event: what was expected, what was seen"
holdfast device explain "$device" --catalog acme | tee "$work/explain.txt" | show
expect 'events-known' "$work/explain.txt"

step "Restored, it is healthy again"
virtual boot --dir "$work/gateway-1" --image "$work/os.json" | show
agent_once "$work/gateway-1" || fail "the restored device did not become healthy"
holdfast device show "$device" --catalog acme | tee "$work/show.txt" | show
expect healthy "$work/show.txt"

step "A copy of its disk in a device with another TPM is refused, with the reason"
virtual manufacture --dir "$work/gateway-2" --maker-ca "$work/maker" | show
virtual copy-disk --from "$work/gateway-1" --to "$work/gateway-2" | show
virtual boot --dir "$work/gateway-2" --image "$work/os.json" | show
! agent_once "$work/gateway-2" --ticket "$work/ticket.json" || fail "the copy was let in"
"$bin/holdfast-agent" --state "$work/gateway-2/disk" --status | tee "$work/copy.txt" | show
expect 'ticket-consumed' "$work/copy.txt"

step "Its own TPM is cleared: with a ticket that names it, the device comes back as itself"
virtual clear --dir "$work/gateway-1" | show
virtual boot --dir "$work/gateway-1" --image "$work/os.json" | show
! agent_once "$work/gateway-1" --ticket "$work/ticket.json" || fail "a cleared TPM was let in without a new ticket"
holdfast claim create --catalog acme --product gateway --device-group field --device "$device" \
  --out "$work/again.json" | show
agent_once "$work/gateway-1" --ticket "$work/again.json" || fail "the device did not come back"
holdfast device list --catalog acme | tee "$work/show.txt" | show
[[ $(grep -c 'hf-' "$work/show.txt") == 1 ]] || fail "the device has a second id"
holdfast device show "$device" --catalog acme | tee "$work/show.txt" | show
expect healthy "$work/show.txt"

step "The audit log of all this verifies"
holdfast audit verify --catalog acme | show

step "Done: every step happened."
((once)) && exit 0
printf '\nThe service and the device stay up until Ctrl-C. Try, in another terminal:\n\n'
printf '  export HOLDFAST_CONFIG=%s\n  %s/holdfast device list --catalog acme\n' "$HOLDFAST_CONFIG" "$bin"
"$bin/holdfast-agent" --state "$work/gateway-1/disk" --tcti "swtpm:path=$work/gateway-1/tpm.sock" \
  --boot "$work/gateway-1/boot" >>"$work/gateway-1.log" 2>&1 &
agent=$!
wait "$server"
