#!/usr/bin/env bash
# nginx and Mosquitto, set up with the blocks of docs/relying-services.md as they stand there but for paths and ports: they
# let this catalog's devices in, and refuse its update certificates, other catalogs' devices and what was revoked.
# The devices are real: their certificates come from attestations, their keys stay in their TPMs (device_pipe).
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

PATH=$PATH:/usr/sbin
for program in nginx mosquitto swtpm curl openssl; do
  command -v "$program" >/dev/null || { echo "skipped: there is no $program"; exit 77; }
done

bin=${HOLDFAST_BIN:-$PWD/build/bin}
device_pipe=${DEVICE_PIPE:-$PWD/build/test/device_pipe}
guide=$PWD/docs/relying-services.md
work=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-relying.XXXXXX")
relying=$work/holdfast-relying
server= held_https= held_mqtt=
started=$SECONDS

step() { printf '[%3d s] %s\n' $((SECONDS - started)) "$*"; }
fail() {
  printf '\nnot as it should be: %s\n' "$*" >&2
  tail -n 15 "$work"/*.log >&2 2>/dev/null || true
  exit 1
}
clean_up() {
  local name
  for name in nginx mosquitto; do [[ ! -s $work/$name.pid ]] || kill "$(<"$work/$name.pid")" 2>/dev/null || true; done
  [[ -z $server$held_https$held_mqtt ]] || kill $server $held_https $held_mqtt 2>/dev/null || true
  wait
  for device in "$work"/gateway-?; do
    [[ ! -d $device ]] || "$bin/holdfast-virtual-device" power-off --dir "$device" >/dev/null 2>&1 || true
  done
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# until_true COMMAND...: within five seconds.
until_true() {
  for _ in {1..100}; do "$@" && return; sleep 0.05; done
  fail "never: $*"
}

# --- Holdfast: an owner, a service, two catalogs with a device each ---------------------------------------------------

export HOLDFAST_CONFIG=$work/operator.json
holdfast() { "$bin/holdfast" "$@" >>"$work/holdfast.log"; }
virtual() { "$bin/holdfast-virtual-device" "$@" >>"$work/virtual.log"; }
tpm_of() { echo "swtpm:path=$work/$1/tpm.sock"; }

# attest DEVICE [OPTION...]: the device's agent until it is attested and checked in.
attest() {
  local device=$work/$1
  shift
  "$bin/holdfast-agent" --state "$device/disk" --tcti "swtpm:path=$device/tpm.sock" --boot "$device/boot" --once "$@" \
    >>"$work/agent.log" 2>&1
}
boot() { virtual boot --dir "$work/$1" --image "$work/os.json" "${@:2}"; }

# serial_in_force: of the newest client certificate of `device`.
serial_in_force() {
  "$bin/holdfast" certificate list --device "$device" --catalog acme --output json | python3 -c '
import json, sys
print(next(row["serial"] for row in json.load(sys.stdin) if row["kind"] == "client" and row["state"] == "valid"))'
}

# make_catalog NAME DEVICE: a catalog and a healthy device in it.
make_catalog() {
  holdfast catalog create "$1" --owner "$work/owner"
  holdfast product create gateway --catalog "$1"
  holdfast device-group create field --product gateway --catalog "$1"
  virtual manufacture --dir "$work/$2" --maker-ca "$work/maker"
  holdfast tpm-root add "$work/maker/swtpm-localca-rootca-cert.pem" --catalog "$1" --owner "$work/owner"
  for part in firmware os; do
    holdfast reference-values add "$work/$part.reference.json" --catalog "$1" --allow gateway/field
  done
  holdfast claim create --catalog "$1" --product gateway --device-group field --out "$work/$1.ticket"
  boot "$2"
  attest "$2" --ticket "$work/$1.ticket" || fail "$2 did not become healthy"
}

step "Two catalogs of one service, a healthy device in each"
holdfast owner init --dir "$work/owner"
"$bin/holdfastd" --data "$work/service" --device-address 127.0.0.1:0 --management-address 127.0.0.1:0 \
  >"$work/holdfastd.log" 2>&1 &
server=$!
until_true grep -q 'holdfastd: ready' "$work/holdfastd.log"
read -r device_address management_address < <(
  sed -n 's,^holdfastd: devices at https://\([^ ]*\)\, management at https://\([^ ]*\)$,\1 \2,p' "$work/holdfastd.log")
holdfast login --link-file "$work/service/owner-link" --name ada
"$bin/holdfast-virtual-device" image --component os --version 1.0.0 --security-version 1 >"$work/os.json"
"$bin/holdfast-virtual-device" reference-values --firmware >"$work/firmware.reference.json"
"$bin/holdfast-virtual-device" reference-values --image "$work/os.json" >"$work/os.reference.json"
make_catalog acme gateway-1
make_catalog other gateway-2
device=$("$bin/holdfast" device list --catalog acme --output json | grep -o 'hf-[0-9a-z-]*' | head -n 1)

# --- the services, as the guide says ----------------------------------------------------------------------------------

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
https_port=$(free_port)
mqtt_port=$(free_port)

# from_guide NAME: the block whose first or second line is `# NAME`, for this machine.
from_guide() {
  awk -v name="# $1" '
    /^```/ { if (inside && found) exit; inside = !inside; found = 0; text = ""; lines = 0; next }
    inside { text = text $0 "\n"; if (++lines <= 2 && $0 == name) found = 1 }
    END { if (found) printf "%s", text; else exit 1 }' "$guide" |
    sed -e "s,/etc/holdfast-relying,$relying,g" -e "s,holdfast.example:8443,$device_address,g" \
      -e "s,holdfast.example:8444,$management_address,g" -e "s,listen 443 ssl,listen 127.0.0.1:$https_port ssl,g" \
      -e "s,^listener 8883,listener $mqtt_port 127.0.0.1,g" -e "s,/etc/nginx/api.example,$work/own,g" \
      -e "s,/etc/mosquitto/certs/broker,$work/own,g" -e "s,/etc/mosquitto/devices.acl,$work/devices.acl,g" ||
    fail "the guide has no block for $1"
}

# What systemd does on a real machine, so that the guide's script runs as it stands.
mkdir -p "$work/bin" "$relying"
cat >"$work/bin/systemctl" <<END
#!/bin/bash
set -eu
is_up() { [[ -s $work/\$1.pid ]] && kill -0 "\$(<$work/\$1.pid)" 2>/dev/null; }
stop() {
  is_up "\$1" || return 0
  kill "\$(<$work/\$1.pid)"
  for _ in {1..100}; do is_up "\$1" || return 0; sleep 0.05; done
}
wait_for() {
  for _ in {1..100}; do (: >/dev/tcp/127.0.0.1/\$1) 2>/dev/null && return; sleep 0.05; done
}
echo "\$*" >>$work/systemctl.log
case "\$*" in
  "reload nginx") ! is_up nginx || nginx -q -c $work/nginx.conf -s reload ;;
  "reload mosquitto") ! is_up mosquitto || kill -HUP "\$(<$work/mosquitto.pid)" ;;
  "restart nginx") stop nginx; nginx -c $work/nginx.conf; wait_for $https_port ;;
  "restart mosquitto") stop mosquitto; mosquitto -v -c $work/mosquitto.conf >>$work/mosquitto.log 2>&1 & wait_for $mqtt_port ;;
  *) exit 1 ;;
esac
END
chmod +x "$work/bin/systemctl"

cp "$work/owner/acme/client-root.pem" "$work/owner/acme/client-root.crl" "$relying"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=api.example \
  -keyout "$work/own.key" -out "$work/own.pem" 2>/dev/null
from_guide fetch-service-ca >"$work/fetch-service-ca"
from_guide /usr/local/sbin/holdfast-crl >"$work/holdfast-crl"
from_guide /etc/nginx/conf.d/devices.conf >"$work/devices.nginx"
from_guide /etc/nginx/modules-enabled/90-devices.conf >"$work/devices.nginx-main"
from_guide /etc/mosquitto/conf.d/devices.conf >"$work/devices.mosquitto"
from_guide /etc/mosquitto/devices.acl >"$work/devices.acl"
cat >"$work/nginx.conf" <<END
pid $work/nginx.pid;
error_log $work/nginx.log info;
include $work/devices.nginx-main;
events {}
http {
    access_log off;
    client_body_temp_path $work/nginx-body;
    proxy_temp_path $work/nginx-proxy;
    fastcgi_temp_path $work/nginx-fastcgi;
    uwsgi_temp_path $work/nginx-uwsgi;
    scgi_temp_path $work/nginx-scgi;
    include $work/devices.nginx;
}
END
{
  echo "pid_file $work/mosquitto.pid"
  ((EUID != 0)) || echo "user root" # reads this folder, as mosquitto reads /etc
  cat "$work/devices.mosquitto"
} >"$work/mosquitto.conf"

restart_both() {
  PATH=$work/bin:$PATH systemctl restart nginx
  PATH=$work/bin:$PATH systemctl restart mosquitto
}
# refresh: what cron does.
refresh() { PATH=$work/bin:$PATH sh "$work/holdfast-crl" || fail "the guide's script failed"; }
# refresh_until SERIAL: the list names it, at the latest two seconds after it ended.
refresh_until() {
  for _ in {1..4}; do
    refresh
    ! openssl crl -in "$relying/crl.pem" -noout -text | grep -qi "Serial Number: $1\$" || return 0
    sleep 0.5
  done
  fail "the list does not name $1"
}

step "nginx and Mosquitto start with the guide's configurations and Holdfast's first lists"
sh "$work/fetch-service-ca" | cut -d ' ' -f 1 >"$work/service-ca.sha256"
"$bin/holdfast" owner trust-policy show --dir "$work/owner" --catalog acme | grep -q "$(<"$work/service-ca.sha256")" ||
  fail "the service CA that the guide fetches is not the trust policy's"
refresh
curl -fsS --cacert "$relying/service-ca.pem" -D - -o /dev/null "https://$device_address/v1/crl/acme/client.crl" |
  grep -qi '^cache-control: public, max-age=[1-3]\?[0-9]' || fail "a cache in between is not told how long a list is good"
restart_both

# --- what they say ----------------------------------------------------------------------------------------------------

request='GET /whoami HTTP/1.1\r\nHost: api.example\r\n'
# mqtt_bytes TOPIC: CONNECT, PUBLISH at QoS 1, DISCONNECT of MQTT 5.
mqtt_bytes() {
  printf '\x10\x0e\x00\x04MQTT\x05\x02\x00\x00\x00\x00\x01d'
  printf "\\x32\\x$(printf %02x $((${#1} + 6)))\\x00\\x$(printf %02x ${#1})%s\\x00\\x01\\x00x" "$1"
  printf '\xe0\x00'
}

# show_nginx DEVICE STATE CERTIFICATE, show_mosquitto … TOPIC: what the service answers, in text or in hex.
show_nginx() {
  printf "$request"'Connection: close\r\n\r\n' |
    "$device_pipe" "$work/$2" "$(tpm_of "$1")" "$3" "$https_port" 2>>"$work/pipe.log"
}
show_mosquitto() {
  mqtt_bytes "$4" | { "$device_pipe" "$work/$2" "$(tpm_of "$1")" "$3" "$mqtt_port" 2>>"$work/pipe.log"; } | od -An -v -tx1 |
    tr -d ' \n'
}

# accepted STATE [WHY]: by both, as the device that it is, which may publish as itself alone.
accepted() {
  local answer
  answer=$(show_nginx gateway-1 "$1" client) || true
  [[ $answer == *' 200 OK'*"$device"* ]] || fail "nginx did not accept: $answer"
  answer=$(show_mosquitto gateway-1 "$1" client "devices/$device/up") || true
  [[ $answer == 20*40??0001* && $answer != *40??000187* ]] || fail "mosquitto did not accept: $answer"
}

# refused DEVICE STATE CERTIFICATE REASON: by both, by nginx with this reason.
refused() {
  local answer marked status=0
  marked=$(wc -l <"$work/nginx.log")
  answer=$(show_nginx "$1" "$2" "$3") || true
  [[ $answer == *' 400 Bad Request'* && $answer != *"$device"* ]] || fail "nginx did not refuse: $answer"
  tail -n "+$((marked + 1))" "$work/nginx.log" | grep -q -- "$4" || fail "nginx did not refuse because of '$4'"
  answer=$(show_mosquitto "$1" "$2" "$3" "devices/$device/up") || status=$?
  [[ $status == 1 && -z $answer ]] || fail "mosquitto did not refuse ($status): $answer"
}

step "This catalog's client certificate is accepted, and names the device"
accepted gateway-1/disk
answer=$(show_mosquitto gateway-1 gateway-1/disk client devices/hf-0000-0000-0000-0000/up) || true
[[ $answer == *40??000187* ]] || fail "mosquitto lets a device publish as another: $answer"

step "The update certificate, another catalog's client certificate and none are refused"
strangers_are_refused() {
  refused gateway-1 gateway-1/disk update "$1"
  refused gateway-2 gateway-2/disk client "$1"
  refused gateway-1 gateway-1/disk none 'client sent no required SSL certificate'
}
strangers_are_refused 'certificate verify error'

step "… and not merely because no list names their issuers: they are where no list is asked for, too"
sed -i.whole '/ssl_crl/d' "$work/devices.nginx"
sed -i.whole '/^crlfile/d' "$work/mosquitto.conf"
restart_both
accepted gateway-1/disk
strangers_are_refused 'unable to get local issuer certificate\|unsuitable certificate purpose'
mv "$work/devices.nginx.whole" "$work/devices.nginx"
mv "$work/mosquitto.conf.whole" "$work/mosquitto.conf"
restart_both

step "A revoked certificate is refused once the lists were fetched, on open connections and resumed sessions too"
cp -r "$work/gateway-1/disk" "$work/first"
printf "$request"'\r\n' | "$device_pipe" "$work/first" "$(tpm_of gateway-1)" client "$https_port" "$work/again-https" \
  >"$work/held-https.txt" 2>"$work/held-https.log" &
held_https=$!
until_true grep -qs "$device" "$work/held-https.txt"
printf '\x10\x0e\x00\x04MQTT\x05\x02\x00\x00\x00\x00\x01d' |
  "$device_pipe" "$work/first" "$(tpm_of gateway-1)" client "$mqtt_port" "$work/again-mqtt" \
    >"$work/held-mqtt.txt" 2>"$work/held-mqtt.log" &
held_mqtt=$!
until_true test -s "$work/held-mqtt.txt"
serial=$(serial_in_force)
holdfast certificate revoke "$serial" --catalog acme --reason "found on a copied disk"
refresh_until "$serial"
[[ $(tail -n 1 "$work/systemctl.log") == "restart mosquitto" ]] || fail "the script did not end Mosquitto's sessions"
# Both connections ended, or these would wait for ever; and the sessions that they gave are offered once more.
touch "$work/again-https"
wait "$held_https" || fail "nginx ended the session from before the revocation without an answer"
[[ $(grep -c ' 200 OK' "$work/held-https.txt") == 1 ]] || fail "nginx accepted a session from before the revocation"
grep -q ' 400 Bad Request' "$work/held-https.txt" || fail "nginx did not answer the second time"
touch "$work/again-mqtt"
status=0
wait "$held_mqtt" || status=$?
[[ $status == 1 ]] || fail "mosquitto did not refuse a session from before the revocation"
refused gateway-1 first client 'certificate revoked'

step "The device attests again and is accepted with its next certificate"
boot gateway-1
attest gateway-1 || fail "the device did not become healthy"
accepted gateway-1/disk

step "Its boot is tampered with: the certificate from before is refused"
cp -r "$work/gateway-1/disk" "$work/second"
serial=$(serial_in_force)
boot gateway-1 --tamper
attest gateway-1 || true
refresh_until "$serial"
refused gateway-1 second client 'certificate revoked'

step "Restored, it is accepted"
boot gateway-1
attest gateway-1 || fail "the restored device did not become healthy"
accepted gateway-1/disk
lists_are() { # NUMBER: so many lists, the root's among them, at the latest two seconds from now
  for _ in {1..4}; do
    refresh
    [[ $(grep -c 'BEGIN X509 CRL' "$relying/crl.pem") != "$1" ]] || return 0
    sleep 0.5
  done
  fail "there are not $1 lists"
}

step "The next issuing CA is announced: its list is there before it issues anything"
holdfast authority rotate client --catalog acme --owner "$work/owner"
lists_are 3
accepted gateway-1/disk

step "The one before is distrusted: the device comes back with the next one's certificate, which is accepted at once"
cp -r "$work/gateway-1/disk" "$work/third"
holdfast authority distrust client 1 --catalog acme --owner "$work/owner" --reason "its server was broken into"
boot gateway-1
attest gateway-1 || fail "the device did not come back"
accepted gateway-1/disk

step "… and what the distrusted one issued is refused, by its root's list and for want of its own"
cp "$work/owner/acme/client-root.crl" "$relying"
lists_are 2
refused gateway-1 third client 'certificate verify error: (23:certificate revoked)\|unable to get certificate CRL'
accepted gateway-1/disk
step "Done: every step happened."
