# Sourced, not a story: a service, its owner, images of the operating system, and virtual devices that are machines.
# Every process that was started is ended, and the folder removed.

bin=${HOLDFAST_BIN:-$PWD/build/bin}
work=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-metal.XXXXXX")
server=
groups=()  # of processes

clean_up() {
  local one
  for one in "${groups[@]}"; do kill -KILL -- "-$one" 2>/dev/null || true; done
  for one in "${machines[@]}" $server; do kill "$one" 2>/dev/null || true; done
  for one in "${machines[@]}" $server; do wait "$one" 2>/dev/null || true; done
  rm -rf "$work"
}
. tests/scenarios/steps.sh

. tests/metal/power.sh

export HOLDFAST_CONFIG=$work/operator.json
holdfast() { "$bin/holdfast" "$@"; }

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
# Of the owner, with one device group.
make_catalog() {
  holdfast catalog create acme --owner "$work/owner"
  holdfast product create gateway --catalog acme
  holdfast device-group create field --product gateway --catalog acme
}
