#!/usr/bin/env bash
# Webhooks, for real: holdfastd, the receiver of docs/webhooks.md behind TLS, and what a crash and a closed network do.
# Everything happens in one temporary folder on loopback, and every process that was started is ended.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

bin=${HOLDFAST_BIN:-$PWD/build/bin}
work=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-webhook.XXXXXX")
server= receiver=

step() { printf '[%3d s] %s\n' "$SECONDS" "$*"; }
fail() {
  printf '\nnot as it should be: %s\n' "$*" >&2
  tail -n 20 "$work"/*.log "$work"/*.txt >&2 2>/dev/null || true
  exit 1
}
end() {
  [[ -z ${1:-} ]] || kill "-${2:-TERM}" "$1" 2>/dev/null || true
  [[ -z ${1:-} ]] || wait "$1" 2>/dev/null || true
}
clean_up() {
  end "$receiver"
  end "$server"
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

export HOLDFAST_CONFIG=$work/operator.json
holdfast() { "$bin/holdfast" "$@"; }

# until_true SECONDS WHAT COMMAND...
until_true() {
  local i
  for ((i = 0; i < $1 * 10; ++i)); do
    "${@:3}" >/dev/null 2>&1 && return
    sleep 0.1
  done
  fail "$2"
}

# serve [OPTION...]: holdfastd on the addresses of the first start.
devices=127.0.0.1:0 management=127.0.0.1:0
serve() {
  : >"$work/holdfastd.log"
  "$bin/holdfastd" --data "$work/service" --device-address "$devices" --management-address "$management" "$@" \
    2>"$work/holdfastd.log" >/dev/null &
  server=$!
  until_true 30 "holdfastd did not start" grep -q 'holdfastd: ready' "$work/holdfastd.log"
  devices=$(sed -n 's#.*devices at https://\([^,]*\),.*#\1#p' "$work/holdfastd.log")
  management=$(sed -n 's#.*management at https://\(.*\)#\1#p' "$work/holdfastd.log")
}
receive() {
  python3 docs/webhook_receiver.py --secret-file "$work/hook.secret" --certificate "$work/receiver.pem" \
    --key "$work/receiver.key" --port "$port" >>"$work/received.txt" 2>>"$work/receiver.log" &
  receiver=$!
}
shows() { holdfast webhook show hook --catalog acme | grep -q "$@"; }

step "A service whose operator opened no network, and a catalog"
serve
holdfast login --link-file "$work/service/owner-link" --name ada >/dev/null
holdfast owner init --dir "$work/owner" >/dev/null
holdfast catalog create acme --owner "$work/owner" >/dev/null

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=receiver \
  -addext subjectAltName=IP:127.0.0.1,DNS:localhost -keyout "$work/receiver.key" -out "$work/receiver.pem" 2>/dev/null
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
create() {
  holdfast webhook create hook --catalog acme --url "$1" --ca "$work/receiver.pem" --event certificate-ended \
    --out "$work/hook.secret" >/dev/null 2>&1
}

step "A webhook to the loopback address of the service's machine is refused at the door"
! create "https://127.0.0.1:$port/" || fail "a webhook to loopback was made"

step "One to a name that resolves there is refused when it is to be sent"
create "https://localhost:$port/hook" || fail "a webhook to a name was refused"
[[ $(stat -c %a "$work/hook.secret") == 600 ]] || fail "the secret is readable by others"
receive
holdfast webhook test hook --catalog acme >/dev/null
until_true 30 "the refusal is not shown" shows 'webhook-address-refused'
[[ ! -s $work/received.txt ]] || fail "the receiver was told"

step "holdfastd is killed; started anew with the network opened, it delivers what had waited, signed, once"
end "$server" KILL
serve --webhook-allow 127.0.0.0/8
holdfast webhook test hook --catalog acme >/dev/null
until_true 90 "the events did not arrive" grep -q '^2 test' "$work/received.txt"
[[ $(cut -d' ' -f1 "$work/received.txt" | tr '\n' ' ') == '1 2 ' ]] || fail "expected the events 1 and 2, in order"
until_true 30 "the success is not shown" shows -E 'last status +204'

step "Nobody receives: the event waits, through another kill, until somebody does"
end "$receiver"
holdfast webhook test hook --catalog acme >/dev/null
until_true 30 "the failure is not shown" shows 'net-unreachable'
end "$server" KILL
receive
serve --webhook-allow 127.0.0.0/8
until_true 90 "the event was lost" grep -q '^3 test' "$work/received.txt"

step "A receiver with another secret does not believe it"
end "$receiver"
cp "$work/hook.secret" "$work/right.secret"
printf 'whsec_%s\n' "$(head -c 32 /dev/urandom | base64)" >"$work/hook.secret"
receive
holdfast webhook test hook --catalog acme >/dev/null
until_true 30 "the refusal of the receiver is not shown" shows -E 'last status +401'
! grep -q '^4 test' "$work/received.txt" || fail "a signature by another secret was believed"

step "The secret is nowhere but in its file, the audit verifies, and the webhook is gone when it is deleted"
secret=$(sed 's/^whsec_//' "$work/right.secret")
! grep -qF "$secret" "$work"/*.log "$work"/received.txt || fail "the secret was logged"
! grep -rqF "$secret" "$work/service" || fail "the secret is in the store in clear"
holdfast audit verify --catalog acme >/dev/null
holdfast webhook delete hook --catalog acme >/dev/null
! holdfast webhook show hook --catalog acme >/dev/null 2>&1 || fail "the webhook is still there"
step "Done: every step happened."
