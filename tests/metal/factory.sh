#!/usr/bin/env bash
# A line makes devices side by side: each is checked, has a birth record, and is in the list that the service takes. One whose
# TPM's certificate is of another maker does not pass, and is not in the list.
set -Eeuo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

. tests/metal/machines.sh

line() {
  holdfast factory --dir "$work/$1" --count "$2" --image "$work/os-1.0" --keys "$keys" --maker-ca "$work/$3" --product gateway \
    --device-group field
}
listed() { grep -c ',gateway,field,device-' "$work/$1/factory-list.csv" || true; }

step "The system, and a service"
{
  make_owner
  image 1.0 1
  serve
  make_catalog
} >"$work/begin.log" 2>&1

step "Three devices, two at a time"
line batch 3 maker 2>"$work/line.log" | show
(($(listed batch) == 3)) || fail "not all of them are in the list"
for one in 1 2 3; do grep -q '"result": "passed"' "$work/batch/device-000$one/birth.json" || fail "there is no birth record"; done
holdfast claim factory-list add "$work/batch/factory-list.csv" --catalog acme | show

step "One with a certificate of another maker"
cp -r "$work/maker" "$work/other"
openssl req -new -x509 -newkey rsa:2048 -sha256 -nodes -days 30 -subj "/CN=other" -keyout "$work/other.key" \
  -out "$work/other/swtpm-localca-rootca-cert.pem" 2>/dev/null
! line second 1 other >"$work/second.log" 2>&1 || fail "it passed"
grep -v swtpm: "$work/second.log" | show
(($(listed second) == 0)) || fail "it is in the list"
step "Done"
