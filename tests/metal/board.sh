# Sourced by a story, as tests/scenarios/board.sh: devices that are machines, with firmware, disk and TPM. A golden one tells what
# their firmware measures.

. tests/metal/power.sh
power_off_all() {
  local one
  for one in "${!machines[@]}"; do stop "$one"; done
}
# Machines see this one's loopback at 10.0.2.2.
service_options() {
  local port
  port=$(free_port)
  printf '%s\n' --management-address "127.0.0.1:$port" --management-url "https://127.0.0.1:$port" --name 10.0.2.2 \
    --name 127.0.0.1 --check-in-every 10s
}
# And the same with other words in its signed command line, which nobody allowed, and whose boots nobody signed for.
make_system() {
  holdfast release init --repository "$work/images" --dir "$work/owner"
  local common=(--keys "$keys" --version 1.0.0 --security-version 1)
  os image --out "$work/os" "${common[@]}" --owner "$work/owner"
  os image --out "$work/tampered" "${common[@]}" --more loglevel=4
}
make_device() { os device --dir "$work/$1" --image "$work/os" --keys "$keys" --maker-ca "$work/maker"; }
allow_good_boots() {
  holdfast reference-values add "$work/os/reference-values.json" --catalog acme --allow gateway/field
  keep_off_pcr_1
  holdfast claim create --catalog acme --product gateway --device-group field --out "$work/golden.ticket.json"
  make_device golden
  boot golden
  agent_once golden "$work/golden.ticket.json" || fail "the golden device did not check in"
  names >"$work/known"
  holdfast policy baseline --device "$(cat "$work/known")" --accept --catalog acme
  stop golden
}
boot() {
  stop "$1"
  put "$work/$([[ ${2:-} == --tamper ]] && echo tampered || echo os)/place" slot-a "$1"
}
# agent_once NAME [TICKET]: the machine runs until its agent has checked in, or has to wait for somebody.
agent_once() {
  stop "$1"
  if [[ -n ${2:-} ]]; then
    { printf '{"ticket": %s}' "$(cat "$2")"; head -c 4096 /dev/zero; } >"$work/factory"
    put "$work/factory" factory "$1"
  fi
  machine "$1"
  wait_for 90 has_settled "$1" && said "$1" 'event=check-in certificate='
}
has_settled() { said "$1" 'event=check-in certificate=\|event=enroll failed='; }
agent_says() { grep -a '^event=' "$work/$1.log"; }
copy_disk() { stop "$1"; cp "$work/$1/disk" "$work/$2/disk"; }
# By its owner alone: the device owns its TPM, and escrowed the passwords. A wrong one closes the TPM's lockout for a while, so
# that it is the other device whose TPM nobody clears without.
clear_tpm() {
  stop "$1"
  stop gateway-2
  ! "$bin/holdfast-virtual-device" clear --dir "$work/gateway-2/chip" 2>/dev/null || fail "anybody can clear a TPM"
  holdfast device passwords "$device" --catalog acme --dir "$work/owner" --out "$work/passwords.json"
  "$bin/holdfast-virtual-device" clear --dir "$work/$1/chip" --passwords "$work/passwords.json"
}

# Its connections end with a boot; what was its certificate's key does not sign in one that is not good.
hold_connection() { echo "(a machine's connections end with its boot)"; }
require_certificate_of_no_use() {
  said gateway-1 'the sealed storage is closed' || fail "its sealed storage is open"
  said gateway-1 'event=make-tls-keys' || fail "the key of its certificate signed"
}
keep_running() { :; }
