#!/usr/bin/env bash
# The system on a machine that starts its kernel without firmware: in 48 MiB it boots from its verified root, enrols, shows
# its evidence and checks in; one bit of the root that differs stops it. Nothing vouches for such a boot, and the verdict
# says so.
set -Eeuo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

. tests/metal/machines.sh

make_owner >"$work/begin.log"
step "The system: kernel, root, boot program (the kernel takes ten minutes the first time)"
image 1.0 1 | show
values=$work/os-1.0/reference-values.json

step "A service"
{
  serve --log-requests
  make_catalog
  holdfast reference-values add "$values" --catalog acme --allow gateway/field
  holdfast claim create --catalog acme --product gateway --device-group field --out "$work/ticket.json"
  os device --dir "$work/field" --image "$work/os-1.0" --keys "$keys" --ticket "$work/ticket.json" --maker-ca "$work/maker"
  holdfast tpm-root add "$work/maker/swtpm-localca-rootca-cert.pem" --catalog acme --owner "$work/owner"
} >>"$work/begin.log" 2>&1

step "48 MiB of memory: it boots, enrols, is judged, and checks in"
machine field --memory 48 --direct "$work/os-1.0"
wait_for 60 said field 'event=check-in' || fail "it did not check in"
holdfast device list --catalog acme | show
name=$(holdfast device list --catalog acme | grep -o 'hf-[0-9a-z]\{4\}-[0-9a-z]\{4\}-[0-9a-z]\{4\}-[0-9a-z]\{4\}' | head -n 1)
holdfast device show "$name" --catalog acme | grep -q 'component=os version=1.0' || fail "it does not say what it runs"
holdfast device list --catalog acme --verdict update-only | grep -q "$name" || fail "a boot that nobody measured was taken for more"
said field 'the sealed storage is closed: nobody signed for this boot' || fail "its sealed storage is open"
stop field

step "It comes back as the same device"
machine field --memory 48 --direct "$work/os-1.0"
wait_for 60 said field 'event=check-in' || fail "it did not check in again"
! said field 'event=enroll' || fail "it enrolled anew"
stop field

step "One bit of its root that differs: the kernel stops, and nothing of it runs"
python3 - "$work/field/disk" <<'END'
import sys
with open(sys.argv[1], "r+b") as disk:
    disk.seek(1048576 + 8388608 + 1024)  # in place A, in the root: where EROFS keeps what it is
    byte = disk.read(1)
    disk.seek(-1, 1)
    disk.write(bytes([byte[0] ^ 1]))
END
machine field --memory 48 --direct "$work/os-1.0"
wait_for 60 said field 'Kernel panic.*dm-verity device corrupted' || fail "nothing was noticed"
! said field 'Run /init' || fail "it ran"
stop field
step "Done"
