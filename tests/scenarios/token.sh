#!/usr/bin/env bash
# A catalog's issuing CA moves into a token (SoftHSM, through p11-kit) by a rotation; then what stands in the way of a
# token is met: none given, a wrong PIN, a backup whose keys are gone. Real processes, a device with a TPM.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

for program in softhsm2-util swtpm curl openssl; do
  command -v "$program" >/dev/null || { echo "skipped: there is no $program"; exit 77; }
done
module=/usr/lib/softhsm/libsofthsm2.so
[[ -e $module ]] || { echo "skipped: there is no $module"; exit 77; }

bin=${HOLDFAST_BIN:-$PWD/build/bin}
work=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-token.XXXXXX")
server=
started=$SECONDS

step() { printf '[%3d s] %s\n' $((SECONDS - started)) "$*"; }
fail() {
  printf '\nnot as it should be: %s\n' "$*" >&2
  tail -n 15 "$work"/*.log >&2 2>/dev/null || true
  exit 1
}
clean_up() {
  [[ -z $server ]] || kill "$server" 2>/dev/null || true
  wait
  "$bin/holdfast-virtual-device" power-off --dir "$work/gateway" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

until_true() {
  for _ in {1..100}; do "$@" && return; sleep 0.05; done
  fail "never: $*"
}

export HOLDFAST_CONFIG=$work/operator.json SOFTHSM2_CONF=$work/softhsm2.conf
holdfast() { "$bin/holdfast" "$@" >>"$work/holdfast.log"; }
virtual() { "$bin/holdfast-virtual-device" "$@" >>"$work/virtual.log"; }

device_address=127.0.0.1:0 management_address=127.0.0.1:0
# start_service FOLDER [OPTION...]: at the same addresses from the second time on.
start_service() {
  : >"$work/holdfastd.log"
  "$bin/holdfastd" --data "$1" --device-address "$device_address" --management-address "$management_address" "${@:2}" \
    >"$work/holdfastd.log" 2>&1 &
  server=$!
  until_true grep -q 'holdfastd: ready' "$work/holdfastd.log"
  read -r device_address management_address < <(
    sed -n 's,^holdfastd: devices at https://\([^ ]*\)\, management at https://\([^ ]*\)$,\1 \2,p' "$work/holdfastd.log")
}
stop_service() {
  kill "$server"
  wait "$server" || true
  server=
}
attest() {
  "$bin/holdfast-agent" --state "$work/gateway/disk" --tcti "swtpm:path=$work/gateway/tpm.sock" \
    --boot "$work/gateway/boot" --once "$@" >>"$work/agent.log" 2>&1
}
boot() { virtual boot --dir "$work/gateway" --image "$work/os.json"; }

# authority NUMBER MEMBER: of the client CA.
authority() {
  "$bin/holdfast" authority show --output json | python3 -c '
import json, sys
number, member = int(sys.argv[1]), sys.argv[2]
print(next(row[member] for row in json.load(sys.stdin) if (row["authority"], row["number"]) == ("client", number)))' "$@"
}

make_token() {
  softhsm2-util --init-token --free --label holdfast --so-pin 13579 --pin 24680 >>"$work/softhsm.log"
}
mkdir "$work/tokens"
printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$work/tokens" >"$SOFTHSM2_CONF"
make_token
(umask 077 && echo 24680 >"$work/token.pin" && echo 11111 >"$work/wrong.pin")
uri="pkcs11:token=holdfast?module-path=$module"
with_token=(--keys "$uri" --token-pin "$work/token.pin")

step "A service whose keys are in its store, and a healthy device"
start_service "$work/service"
holdfast owner init --dir "$work/owner"
holdfast login --link-file "$work/service/owner-link" --name ada
"$bin/holdfast-virtual-device" image --component os --version 1.0.0 --security-version 1 >"$work/os.json"
"$bin/holdfast-virtual-device" reference-values --firmware >"$work/firmware.reference.json"
"$bin/holdfast-virtual-device" reference-values --image "$work/os.json" >"$work/os.reference.json"
holdfast catalog create acme --owner "$work/owner"
holdfast product create gateway
holdfast device-group create field --product gateway
virtual manufacture --dir "$work/gateway" --maker-ca "$work/maker"
holdfast tpm-root add "$work/maker/swtpm-localca-rootca-cert.pem" --owner "$work/owner"
for part in firmware os; do holdfast reference-values add "$work/$part.reference.json" --allow gateway/field; done
holdfast claim create --product gateway --device-group field --out "$work/ticket"
boot
attest --ticket "$work/ticket" || fail "the device did not become healthy"
[[ $(authority 1 key_in) == store ]] || fail "the first key is not in the store"

step "With a token the next issuing CA's key is made there, and its list is signed there"
stop_service
start_service "$work/service" "${with_token[@]}"
holdfast authority rotate client --owner "$work/owner"
[[ $(authority 2 key_in) == token && $(authority 2 state) == announced ]] || fail "the next key is not in the token"
holdfast authority distrust client 1 --owner "$work/owner" --reason "the catalog moves into a token"
attest || fail "the device did not come back"
((10#$(authority 2 certificates) > 0)) || fail "the CA in the token issued nothing"
curl -fsSk -o "$work/client.crl" "https://$device_address/v1/crl/acme/client.crl"
openssl crl -in "$work/client.crl" -inform DER -noout -issuer | grep -q 'acme client CA 2' || fail "the list is not of the CA in the token"

step "The PIN is neither in the process's arguments nor in its log or folder"
! tr '\0' '\n' <"/proc/$server/cmdline" | grep -q 24680 || fail "the PIN is in the arguments"
! grep -rqs 24680 "$work/holdfastd.log" "$work/service" || fail "the PIN is in the log or the folder"

step "Without the token the service says what it lacks, and the device what stands in its way"
stop_service
start_service "$work/service"
grep -q "is in a token; expected holdfastd --keys" "$work/holdfastd.log" || fail "the log does not say what is missing"
boot
! timeout 10 "$bin/holdfast-agent" --state "$work/gateway/disk" --tcti "swtpm:path=$work/gateway/tpm.sock" \
  --boot "$work/gateway/boot" --once >>"$work/agent.log" 2>&1 || fail "a device was given a certificate without the token"
stop_service

step "A wrong PIN is tried once, over any number of starts"
for _ in 1 2 3; do
  ! "$bin/holdfastd" --data "$work/service" --keys "$uri" --token-pin "$work/wrong.pin" >>"$work/wrong.log" 2>&1 ||
    fail "it started with a wrong PIN"
done
[[ $(grep -c CKR_PIN_INCORRECT "$work/wrong.log") == 1 ]] || fail "the wrong PIN was tried more than once"
[[ $(grep -c 'refused this PIN before' "$work/wrong.log") == 2 ]] || fail "it is not said that the PIN was refused"
start_service "$work/service" "${with_token[@]}"
attest || fail "the device did not come back"

step "A backup restored where the token is empty says which key is missing"
"$bin/holdfast" backup "$work/monday.holdfast" --data "$work/service" >>"$work/holdfast.log"
stop_service
"$bin/holdfast" restore "$work/monday.holdfast" --data "$work/restored" --service-key "$work/service/service.key" \
  >>"$work/holdfast.log"
softhsm2-util --delete-token --token holdfast >>"$work/softhsm.log"
make_token
mkdir "$work/credentials" # as systemd's LoadCredential=token.pin gives it
cp "$work/token.pin" "$work/credentials/token.pin"
CREDENTIALS_DIRECTORY=$work/credentials start_service "$work/restored" --service-key "$work/service/service.key" \
  --keys "$uri"
grep -q "the client CA 2 of 'acme': expected the key .* in the token, saw none" "$work/holdfastd.log" ||
  fail "the log does not say which key is missing"
step "Done: every step happened."
