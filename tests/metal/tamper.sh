#!/usr/bin/env bash
# One bit of a device's boot program, command line, root, verity tree, words, record, firmware keys, TPM, clock, and of an
# update's metadata and image: what happens is the table in docs/os.md, which this compares, or writes with --write.
set -Eeuo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

. tests/metal/machines.sh
. tests/metal/fleet_of_one.sh
checked_in() { (($(grep -ca 'event=check-in' "$work/field.log") > $1)); }
wait_for 60 said field 'trust_policy=3' || fail "it does not know who directs it"
{
  holdfast release upload --repository "$work/images" --catalog acme
  holdfast deployment create os/1.0/image --product gateway --device-group field --catalog acme --wave 100
} >>"$work/begin.log" 2>&1
wait_for 60 checked_in "$(($(grep -ca 'event=check-in' "$work/field.log") + 1))" || fail "it did not check in"
stop field

# flips FILE: one bit in its middle.
flips() {
  python3 -c "
import sys
with open(sys.argv[1], 'r+b') as file:
    at = file.seek(0, 2) // 2
    file.seek(at); byte = file.read(1)[0]; file.seek(at); file.write(bytes([byte ^ 1]))" "$1"
}

step "An update's metadata and image, on their way to the service"
image 2.0 2 >>"$work/begin.log"
publish 2.0 2 >>"$work/begin.log"
refused() {
  rm -rf "$work/changed"
  cp -r "$work/images" "$work/changed"
  flips "$(find "$work/changed" -path "$1" | sort | tail -n 1)"
  ! holdfast release upload --repository "$work/changed" --catalog acme >"$work/upload.log" 2>&1 || fail "the service took it"
  grep -q "$2" "$work/upload.log" || fail "it says something else: $(tail -n 1 "$work/upload.log")"
  grep "$2" "$work/upload.log" | show
}
refused '*.image' 'image-file-differs'
refused '*/metadata/*targets.json' 'content-differs'
holdfast release upload --repository "$work/images" --catalog acme >"$work/upload.log" || fail "the service does not take the unchanged one"

step "Everything else of a device"
python3 tests/metal/tamper --work "$work" --image "$work/os-1.0" --keys "$keys" "$@" \
  --repository-row "an update's signed targets" "the service does not take it: the signed snapshot names another digest" \
  --repository-row "an update's image" "the service does not take it: its signed target names another digest"
step "Done"
