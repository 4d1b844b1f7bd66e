# Sourced by a story, as tests/scenarios/board.sh: devices that are machines, with firmware, disk and TPM. A golden one tells what
# their firmware measures.

keys=${HOLDFAST_CACHE:-/var/cache/holdfast}/development-keys
declare -A machines=()

for one in qemu-system-x86_64 sbsign mkfs.erofs mkfs.vfat mcopy sfdisk swtpm /usr/sbin/dhcpcd /sbin/mke2fs; do
  command -v "$one" >/dev/null || { echo "skipped: there is no $one"; exit 77; }
done
[[ -e /usr/src/linux-source-6.1.tar.xz ]] || { echo "skipped: there is no linux-source-6.1"; exit 77; }

os() { python3 os --bin "$bin" "$@"; }
said() { grep -qa -- "$2" "$work/$1.log"; }
power_off() {
  [[ -n ${machines[$1]:-} ]] || return 0
  kill "${machines[$1]}" 2>/dev/null || true
  wait "${machines[$1]}" 2>/dev/null || true
  unset "machines[$1]"
}
power_off_all() {
  local one
  for one in "${!machines[@]}"; do power_off "$one"; done
}
power_on() { (exec python3 os --bin "$bin" run --dir "$work/$1") >"$work/$1.log" 2>&1 </dev/null & machines[$1]=$!; }

# Machines see this one's loopback at 10.0.2.2.
service_options() {
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
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
put() { # put FILE PARTITION NAME: into its disk
  PYTHONPATH=os python3 -c '
import disk, sys
with open(sys.argv[3], "r+b") as opened:
    opened.seek(disk.layout()[sys.argv[2]][1] * disk.SECTOR)
    opened.write(open(sys.argv[1], "rb").read())' "$1" "$2" "$work/$3/disk"
}
allow_good_boots() {
  holdfast reference-values add "$work/os/reference-values.json" --catalog acme --allow gateway/field
  # Which place is confirmed is measured into PCR 1.
  echo '{"version": 1, "pcrs": [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]}' >"$work/policy.json"
  holdfast policy set default "$work/policy.json" --catalog acme
  holdfast claim create --catalog acme --product gateway --device-group field --out "$work/golden.ticket.json"
  make_device golden
  boot golden
  agent_once golden "$work/golden.ticket.json" || fail "the golden device did not check in"
  names >"$work/known"
  holdfast policy baseline --device "$(cat "$work/known")" --accept --catalog acme
  power_off golden
}
boot() {
  power_off "$1"
  put "$work/$([[ ${2:-} == --tamper ]] && echo tampered || echo os)/place" slot-a "$1"
}
# agent_once NAME [TICKET]: the machine runs until its agent has checked in, or has to wait for somebody.
agent_once() {
  power_off "$1"
  if [[ -n ${2:-} ]]; then
    { printf '{"ticket": %s}' "$(cat "$2")"; head -c 4096 /dev/zero; } >"$work/factory"
    put "$work/factory" factory "$1"
  fi
  power_on "$1"
  wait_for 90 has_settled "$1" && said "$1" 'event=check-in certificate='
}
has_settled() { said "$1" 'event=check-in certificate=\|event=enroll failed='; }
agent_says() { grep -a '^event=' "$work/$1.log"; }
copy_disk() { power_off "$1"; cp "$work/$1/disk" "$work/$2/disk"; }
# By its owner alone: the device owns its TPM, and escrowed the passwords. A wrong one closes the TPM's lockout for a while, so
# that it is the other device whose TPM nobody clears without.
clear_tpm() {
  power_off "$1"
  power_off gateway-2
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
