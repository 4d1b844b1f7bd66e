# Sourced, not a scenario: a service in a temporary folder, virtual devices that boot what is installed and run the agent,
# and a release desk. Every process that was started is ended, and the folder removed.

bin=${HOLDFAST_BIN:-$PWD/build/bin}
work=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-devices.XXXXXX")
trees=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-trees.XXXXXX")
chmod 755 "$trees"  # the applications' users pass through
server= devices=() agent_options=()

clean_up() {
  local one
  for one in "${devices[@]}" $server; do kill "$one" 2>/dev/null || true; done
  for one in "${devices[@]}" $server; do wait "$one" 2>/dev/null || true; done
  for one in "$work"/board-?; do
    [[ ! -d $one ]] || "$bin/holdfast-virtual-device" power-off --dir "$one" >/dev/null 2>&1 || true
  done
  rm -rf "$work" "$trees"
}
. tests/scenarios/steps.sh

export HOLDFAST_CONFIG=$work/operator.json
holdfast() { "$bin/holdfast" "$@"; }
virtual() { "$bin/holdfast-virtual-device" "$@"; }

# serve [OPTION...]: the service, and its first operator.
serve() {
  "$bin/holdfastd" --data "$work/service" --device-address 127.0.0.1:0 --management-address 127.0.0.1:0 \
    --check-in-every 10s "$@" >"$work/holdfastd.log" 2>&1 &
  server=$!
  wait_for 20 grep -q 'holdfastd: ready' "$work/holdfastd.log" || fail "holdfastd did not start"
  holdfast login --link-file "$work/service/owner-link" --name ada
}
# device BOARD: boots what is installed and runs its agent, with agent_options, over and over, as a device does that has
# power.
device() {
  local board=$1 agent= code
  trap 'kill "$agent" 2>/dev/null; wait "$agent" 2>/dev/null; exit 0' TERM
  while true; do
    until virtual boot --dir "$board" --installed os; do echo "it does not start; the watchdog resets it"; done
    "$bin/holdfast-agent" --state "$board/disk" --tcti "swtpm:path=$board/tpm.sock" --boot "$board/boot" \
      --slots "$board/slots" --applications "$trees/${board##*/}" --hardware virtual-board --ticket "$board.ticket.json" \
      "${agent_options[@]}" &
    agent=$!
    echo "$agent" >"$board.agent"
    code=0
    wait "$agent" || code=$?
    ((code == 10)) || { echo "the agent ended with $code"; exit "$code"; }
  done
}

# image VERSION: what a device boots, as large as a small system's first blocks.
image() {
  virtual image --component os --version "$1" --security-version "$2" >"$work/os-$1"
  truncate -s 64K "$work/os-$1"
}
# application VERSION COMMAND: an image whose program says its version, then does that.
application() {
  local tree=$work/door-tree
  mkdir -p "$tree/bin"
  printf '#!/bin/sh\necho "door %s is here"\n%s\n' "$1" "$2" >"$tree/bin/door"
  chmod 755 "$tree/bin/door"
  printf '{"component": "door", "version": "%s", "entry_point": "/bin/door"}\n' "$1" >"$tree/application.json"
  mkfs.erofs -T0 -U00000000-0000-0000-0000-000000000000 --all-root "$work/door-$1" "$tree" >>"$work/begin.log" 2>&1
}
# publish KIND COMPONENT VERSION SECURITY_VERSION [OPTION...]
publish() {
  holdfast release publish "$work/$2-$3" --repository "$work/images" --dir "$work/owner" --kind "$1" --product gateway \
    --hardware virtual-board --component "$2" --version "$3" --security-version "$4" "${@:5}"
}
# allow VERSION: of the operating system, by hand.
allow() {
  virtual reference-values --image "$work/os-$1" >"$work/os-$1.reference.json"
  holdfast reference-values add "$work/os-$1.reference.json" --catalog acme --allow gateway/field
}
