# Sourced, not a story: a service, its owner, images of the operating system, and virtual devices that are machines.
# Every process that was started is ended, and the folder removed.

bin=${HOLDFAST_BIN:-$PWD/build/bin}
keys=${HOLDFAST_CACHE:-/var/cache/holdfast}/development-keys
work=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-metal.XXXXXX")
server=
declare -A machines=()
groups=()  # of processes

clean_up() {
  local one
  for one in "${groups[@]}"; do kill -KILL -- "-$one" 2>/dev/null || true; done
  for one in "${machines[@]}" $server; do kill "$one" 2>/dev/null || true; done
  for one in "${machines[@]}" $server; do wait "$one" 2>/dev/null || true; done
  rm -rf "$work"
}
. tests/scenarios/steps.sh

for one in qemu-system-x86_64 sbsign mkfs.erofs mkfs.vfat mcopy sfdisk swtpm /usr/sbin/dhcpcd /sbin/mke2fs; do
  command -v "$one" >/dev/null || { echo "skipped: there is no $one"; exit 77; }
done
[[ -e /usr/src/linux-source-6.1.tar.xz ]] || { echo "skipped: there is no linux-source-6.1"; exit 77; }

export HOLDFAST_CONFIG=$work/operator.json
holdfast() { "$bin/holdfast" "$@"; }
os() { python3 os --bin "$bin" "$@"; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# serve [OPTION...]: the service, where machines see this one's loopback, with its first operator and owner.
serve() {
  local port management
  port=$(free_port) management=$(free_port)
  "$bin/holdfastd" --data "$work/service" --device-address "127.0.0.1:$port" --management-address "127.0.0.1:$management" \
    --name 10.0.2.2 --name 127.0.0.1 --management-url "https://127.0.0.1:$management" --check-in-every 10s "$@" >"$work/holdfastd.log" 2>&1 &
  server=$!
  wait_for 20 grep -q 'holdfastd: ready' "$work/holdfastd.log" || fail "holdfastd did not start"
  holdfast login --link-file "$work/service/owner-link" --name ada
}
# An owner, with keys for releases: devices seal what they keep for boots that these sign.
make_owner() {
  holdfast owner init --dir "$work/owner"
  holdfast release init --repository "$work/images" --dir "$work/owner"
}
# image VERSION SECURITY_VERSION [OPTION...]: as it is released, in $work/os-VERSION.
image() {
  os image --out "$work/os-$1" --keys "$keys" --version "$1" --security-version "$2" --owner "$work/owner" "${@:3}"
}
# machine NAME [OPTION...]: runs it over and over, as a device does that has power.
machine() {
  (exec python3 os --bin "$bin" run --dir "$work/$1" "${@:2}") >"$work/$1.log" 2>&1 <"${console:-/dev/null}" &
  machines[$1]=$!
}
# stop NAME: its power goes.
stop() {
  kill "${machines[$1]}" 2>/dev/null || true
  wait "${machines[$1]}" 2>/dev/null || true
  unset "machines[$1]"
}
# said NAME WORDS: on its console.
said() { grep -qa -- "$2" "$work/$1.log"; }
