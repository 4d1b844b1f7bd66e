#!/usr/bin/env bash
# What a device keeps sealed opens in boots that its system's authority signed, and in no other: neither the storage nor the
# key of its certificate, although that has not ended, where somebody's key was added to its firmware. It can still show what
# it is, and be repaired; with its own firmware it is itself again. Who
# resets it, or lets it go, leaves nothing behind.
set -Eeuo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

. tests/metal/machines.sh
. tests/metal/fleet_of_one.sh

step "It boots again: what it sealed opens, and its certificate's key signs"
said field 'the sealed storage is open, and new' || fail "it was not made at the first boot"
stop field
machine field
wait_for 60 said field 'event=check-in' || fail "it did not check in"
said field 'the sealed storage is open, as it was' || fail "it did not open its sealed storage"
! said field 'event=make-tls-keys' || fail "it made new keys"

step "The passwords of its TPM are its owner's to open"
holdfast device passwords "$name" --catalog acme --dir "$work/owner" --out "$work/passwords.json" | show
grep -q '"lockout": "hex:[0-9a-f]\{64\}"' "$work/passwords.json" || fail "there are none"

step "Somebody's key is in its firmware too: neither its storage nor its certificate's key opens"
stop field
cp "$work/field/variables" "$work/own.variables"
openssl req -new -x509 -newkey rsa:2048 -sha256 -nodes -days 30 -subj "/CN=somebody" -keyout "$work/somebody.key" \
  -out "$work/somebody.pem" 2>/dev/null
mapfile -t places < <(PYTHONPATH=os python3 -c 'import disk; print(*disk.boot_places(), sep="\n")')
"$bin/holdfast-image" variables --template /usr/share/OVMF/OVMF_VARS_4M.fd --platform-key "$keys/platform.pem" \
  --exchange-key "$keys/exchange.pem" --allow "$keys/boot.pem" --allow "$work/somebody.pem" --place "${places[0]}" \
  --place "${places[1]}" --out "$work/field/variables"
machine field
wait_for 60 said field 'the sealed storage is closed: expected firmware keys' || fail "its sealed storage opened"
wait_for 60 device_is update-only "$name" || fail "it is not to be repaired"
said field 'event=make-tls-keys' || fail "the key of its certificate signed"
wait_for 30 said field 'event=check-in certificate=update' || fail "it does not check in for repair"

step "With its own firmware it is itself again"
stop field
cp "$work/own.variables" "$work/field/variables"
machine field
wait_for 60 device_is healthy "$name" || fail "it is not healthy again"
said field 'the sealed storage is open, as it was' || fail "its sealed storage is gone"
said field 'event=make-tls-keys' || fail "it goes on with a key for any boot"

step "Somebody who is there has it reset: its storage is new, and it is the device that it was"
stop field
os reset-medium --out "$work/reset"
machine field --attach "$work/reset"
wait_for 60 said field 'boots: it cannot begin' || fail "its storage was not erased"
wait_for 60 said field 'init: the device is as it was made, and whose it was' || fail "it was not reset"
said field 'the sealed storage is open, and new' || fail "it has no new storage"
! said field 'passwords that are not this device' || fail "its TPM was not given back before"
wait_for 60 device_is healthy "$name" || fail "it is not healthy"
! said field 'event=enroll' || fail "it is another device"

step "Its owner lets it go: what was sealed is gone, whoever comes next"
holdfast device release "$name" --catalog acme --owner "$work/owner" | show
wait_for 60 said field 'boots: the sealed storage was erased' || fail "nothing was erased"
wait_for 60 said field 'event=confirm-release' || fail "the release was not confirmed"
said field 'the sealed storage is open, and new' || fail "it has no new storage"
step "Done"
