#!/usr/bin/env bash
# EST, for real: holdfastd, and the clients that others made: Debian's strongSwan with its own settings, curl, openssl.
# A thing without a vault gets its certificate; a device with one has its key certified again. Everything happens in one
# temporary folder on loopback, and every process that was started is ended.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

bin=${HOLDFAST_BIN:-$PWD/build/bin}
for program in pki curl openssl; do
  command -v "$program" >/dev/null || { echo "skipped: no $program here; ./do setup installs it"; exit 77; }
done
work=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-est.XXXXXX")
server=

step() { printf '[%3d s] %s\n' "$SECONDS" "$*"; }
fail() {
  printf '\nnot as it should be: %s\n' "$*" >&2
  tail -n 20 "$work"/*.log >&2 2>/dev/null || true
  exit 1
}
clean_up() {
  [[ -z $server ]] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

export HOLDFAST_CONFIG=$work/operator.json
holdfast() { "$bin/holdfast" "$@"; }
# What strongSwan says of plugins that it does not have is no news.
pki() { command pki "$@" 2> >(grep -v '^plugin ' >>"$work/pki.log"); }
shows() { openssl x509 -in "$1" -noout -"$2" "${@:3}"; }

step "A service that speaks EST, and a catalog in which nothing is issued by it yet"
"$bin/holdfastd" --data "$work/service" --device-address 127.0.0.1:0 --management-address 127.0.0.1:0 \
  --est-address 127.0.0.1:0 --name 127.0.0.1 --name localhost 2>"$work/holdfastd.log" >/dev/null &
server=$!
for _ in {1..300}; do
  grep -q 'holdfastd: ready' "$work/holdfastd.log" && break
  sleep 0.1
done
est=$(sed -n 's#.*EST at \(https://.*\)#\1#p' "$work/holdfastd.log")
[[ -n $est ]] || fail "holdfastd speaks no EST"
holdfast login --link-file "$work/service/owner-link" --name ada >/dev/null
holdfast owner init --dir "$work/owner" >/dev/null
holdfast catalog create acme --owner "$work/owner" >/dev/null
holdfast est server-ca --out "$work/ca.pem" >/dev/null
ask() { curl --silent --cacert "$work/ca.pem" --write-out '%{http_code}' --output "$work/answer" "$@"; }
[[ $(ask "$est/.well-known/est/acme/cacerts") == 404 ]] || fail "EST answers though nobody turned it on"

step "The owner certifies a CA for things without a vault, under a root of its own, and lets EST issue from it"
holdfast authority rotate unattested --owner "$work/owner" >/dev/null
holdfast est set --things on --thing-life 12h --reenroll on >/dev/null

step "strongSwan, as Debian ships it, fetches the CA certificates"
pki --estca --url "$est" --cacert "$work/ca.pem" --caout "$work/est-ca.pem" --outform pem --force >/dev/null
anchors=()
for file in "$work"/est-ca*.pem; do anchors+=(--cacert "$file"); done
fingerprints() { for file in "$@"; do shows "$file" fingerprint -sha256; done | sort; }
[[ $(fingerprints "$work"/est-ca*.pem) == $(fingerprints "$work"/owner/acme/{unattested,client}-{root,ca-1}.pem) ]] ||
  fail "other CA certificates than the owner's"

step "A printer shows its one-time secret and gets a certificate, with strongSwan"
holdfast thing enroll printer-3 --out "$work/secret" >/dev/null
[[ $(stat -c %a "$work/secret") == 600 ]] || fail "the secret is readable by others"
pki --gen --type ecdsa --size 256 --outform pem >"$work/printer.key"
pki --req --in "$work/printer.key" --type ecdsa --dn "O=acme, CN=printer-3" --password challenge --outform der \
  >"$work/printer.csr"
pki --est --url "$est" --cacert "$work/ca.pem" "${anchors[@]}" --in "$work/printer.csr" \
  --userpass "$(cat "$work/secret")" --outform pem >"$work/printer.pem" || fail "strongSwan got no certificate"
shows "$work/printer.pem" subject | grep -q 'O = acme, CN = printer-3' || fail "another subject"
openssl verify -purpose sslclient -CAfile "$work/owner/acme/unattested-root.pem" \
  -untrusted "$work/owner/acme/unattested-ca-1.pem" "$work/printer.pem" >/dev/null || fail "it does not verify"
! openssl verify -CAfile "$work/owner/acme/client-root.pem" -untrusted "$work/owner/acme/client-ca-1.pem" \
  "$work/printer.pem" >/dev/null 2>&1 || fail "who trusts devices with a vault would let it in"

step "The secret works once; without one the client is asked for it; keys are not made here"
enrol() { ask -H 'Content-Type: application/pkcs10' --data-binary "@$work/printer.b64" "$@"; }
openssl base64 -in "$work/printer.csr" >"$work/printer.b64"
[[ $(enrol --user "$(cat "$work/secret")" "$est/.well-known/est/simpleenroll") == 403 ]] || fail "a secret worked twice"
grep -q secret-used "$work/answer" || fail "another reason than a used secret"
[[ $(enrol -D "$work/headers" "$est/.well-known/est/acme/simpleenroll") == 401 ]] || fail "let in without a secret"
grep -qi '^www-authenticate: Basic realm=' "$work/headers" || fail "no challenge"
[[ $(enrol "$est/.well-known/est/acme/serverkeygen") == 501 ]] || fail "keys are made at the server"
[[ $(ask "$est/.well-known/est/csrattrs") == 200 ]] || fail "no attributes"
openssl base64 -d -A -in "$work/answer" | openssl asn1parse -inform der | grep -q prime256v1 || fail "odd attributes"

step "The printer's certificate opens nothing here: it cannot renew itself, nor speak as a device"
[[ $(enrol --cert "$work/printer.pem" --key "$work/printer.key" "$est/.well-known/est/acme/simplereenroll") == 403 ]] ||
  fail "a thing re-enrolled"
devices=$(sed -n 's#.*devices at \(https://[^,]*\),.*#\1#p' "$work/holdfastd.log")
[[ $(enrol --cert "$work/printer.pem" --key "$work/printer.key" "$devices/v1/check-in") == 403 ]] ||
  fail "a thing spoke as a device"

step "TLS 1.2 is spoken at the EST listener, with ECDHE and an AEAD, and nowhere else"
hello() { openssl s_client -connect "${1#https://}" -CAfile "$work/ca.pem" "${@:2}" </dev/null 2>&1 || true; }
hello "$est" -tls1_2 | grep -q 'Cipher is ECDHE-ECDSA-AES128-GCM-SHA256' || fail "no TLS 1.2"
hello "$est" -tls1_2 | grep -q 'Extended master secret: yes' || fail "no extended master secret for who offers it"
! hello "$est" -tls1_2 -cipher ECDHE-ECDSA-AES128-SHA256:AES128-GCM-SHA256 | grep -q 'Cipher is ECDHE' || fail "CBC"
! hello "$est" -tls1_1 -cipher ALL@SECLEVEL=0 | grep -q 'Cipher is ECDHE' || fail "TLS 1.1"
! hello "$devices" -tls1_2 | grep -q 'Cipher is ECDHE' || fail "TLS 1.2 at the devices' listener"

step "A removed thing's certificate is on the list that relying services fetch"
serial=$(shows "$work/printer.pem" serial | cut -d= -f2)
holdfast thing certificates printer-3 | grep -qi "$serial" || fail "the certificate is not listed"
holdfast thing remove printer-3 >/dev/null
ask "$devices/v1/crl/acme/unattested.crl" >/dev/null
openssl crl -inform der -in "$work/answer" -noout -text | grep -qi "$serial" || fail "it is not revoked"
holdfast audit verify >/dev/null
step "Done: every step happened."
