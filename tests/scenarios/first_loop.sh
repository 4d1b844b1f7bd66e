#!/usr/bin/env bash
# The first loop, for real: an owner, a service, a device with its own TPM, from manufacture to a certificate, through a
# tampered boot, a copied disk and a cleared TPM. With --once it plays and exits with its status; without, it stays up
# until Ctrl-C. Everything happens in one temporary folder, and every process that was started is ended. With
# --database URL the service keeps its state in that PostgreSQL database, which is empty before and is left as it is.
# HOLDFAST_BOARD says what devices are (tests/metal/first_loop.sh: machines).
set -Eeuo pipefail
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
server=

clean_up() {
  power_off_all
  [[ -z $server ]] || kill "$server" 2>/dev/null || true
  [[ -z $server ]] || wait "$server" 2>/dev/null || true
  rm -rf "$work"
}
export HOLDFAST_CONFIG=$work/operator.json
owner_dir=$work/owner
holdfast() { "$bin/holdfast" "$@"; }
# expect TEXT FILE: the file says it.
expect() { grep -q -- "$1" "$2" || { cat "$2" >&2; fail "expected '$1'"; }; }
# shown COMMAND...: with its output, in this shell.
shown() {
  "$@" >"$work/shown"
  show <"$work/shown"
}
# Of devices, but those that were there before the story's.
names() { holdfast device list --catalog acme | grep -o 'hf-[0-9a-z]\{4\}-[0-9a-z]\{4\}-[0-9a-z]\{4\}-[0-9a-z]\{4\}' | sort -u | grep -vxF -f "$work/known"; }
. tests/scenarios/steps.sh
. "${HOLDFAST_BOARD:-tests/scenarios/board.sh}"
: >"$work/known"

step "The owner makes a root of trust, outside the service's folder"
holdfast owner init --dir "$owner_dir" | show
make_system >"$work/system.log"

step "holdfastd starts with no configuration and hands over its owner link once"
mapfile -t options < <(service_options)
"$bin/holdfastd" --data "$work/service" --device-address 127.0.0.1:0 "${options[@]}" "${database[@]}" \
  >"$work/holdfastd.log" 2>&1 &
server=$!
wait_for 20 grep -q 'holdfastd: ready' "$work/holdfastd.log" || fail "holdfastd did not start"
show <"$work/holdfastd.log"
holdfast login --link-file "$work/service/owner-link" --name ada | show

step "A catalog: client CA and update CA, each under a root of its own that stays with the owner"
holdfast catalog create acme --owner "$owner_dir" | show
holdfast product create gateway --catalog acme | show
holdfast device-group create field --product gateway --catalog acme | show

step "A device is manufactured: a TPM with an endorsement certificate from a TPM maker"
shown make_device gateway-1
holdfast tpm-root add "$work/maker/swtpm-localca-rootca-cert.pem" --catalog acme --owner "$owner_dir" | show

step "What a good boot looks like: reference values of firmware and OS, allowed for the group"
shown allow_good_boots

step "The device is claimed with a ticket, enrols by credential activation, attests, gets both certificates, checks in"
holdfast claim create --catalog acme --product gateway --device-group field --out "$work/ticket.json" | show
shown boot gateway-1
agent_once gateway-1 "$work/ticket.json" || fail "the device did not become healthy"
device=$(names | head -n 1)
[[ -n $device ]] || fail "no device is in the catalog"
holdfast device show "$device" --catalog acme | tee "$work/show.txt" | show
expect healthy "$work/show.txt"
holdfast certificate list --device "$device" --catalog acme | show

step "A connection with the client certificate is opened and stays open"
shown hold_connection gateway-1

step "Its boot is tampered with: it gets the update certificate only"
shown boot gateway-1 --tamper
agent_once gateway-1 || true
holdfast device show "$device" --catalog acme | tee "$work/show.txt" | show
expect update-only "$work/show.txt"

step "Its earlier client certificate is of no use, not even on the connection that was already open"
shown require_certificate_of_no_use

step "explain names the event: what was expected, what was seen"
holdfast device explain "$device" --catalog acme | tee "$work/explain.txt" | show
expect 'events-known' "$work/explain.txt"

step "Restored, it is healthy again"
shown boot gateway-1
agent_once gateway-1 || fail "the restored device did not become healthy"
holdfast device show "$device" --catalog acme | tee "$work/show.txt" | show
expect healthy "$work/show.txt"

step "A copy of its disk in a device with another TPM is refused, with the reason"
shown make_device gateway-2
shown copy_disk gateway-1 gateway-2
shown boot gateway-2
! agent_once gateway-2 "$work/ticket.json" || fail "the copy was let in"
agent_says gateway-2 | tee "$work/copy.txt" | show
expect 'ticket-consumed' "$work/copy.txt"

step "Its own TPM is cleared: with a ticket that names it, the device comes back as itself"
shown clear_tpm gateway-1
shown boot gateway-1
! agent_once gateway-1 "$work/ticket.json" || fail "a cleared TPM was let in without a new ticket"
holdfast claim create --catalog acme --product gateway --device-group field --device "$device" \
  --out "$work/again.json" | show
agent_once gateway-1 "$work/again.json" || fail "the device did not come back"
names | show
[[ $(names) == "$device" ]] || fail "the device has a second id"
holdfast device show "$device" --catalog acme | tee "$work/show.txt" | show
expect healthy "$work/show.txt"

step "The audit log of all this verifies"
holdfast audit verify --catalog acme | show

step "Done: every step happened."
((once)) && exit 0
printf '\nThe service and the device stay up until Ctrl-C. Try, in another terminal:\n\n'
printf '  export HOLDFAST_CONFIG=%s\n  %s/holdfast device list --catalog acme\n' "$HOLDFAST_CONFIG" "$bin"
keep_running gateway-1
wait "$server"
