#!/usr/bin/env bash
# A swarm of simulated devices against a service of its own: refused as long as nobody trusts their maker, served after
# the owner has added its root like any other. usage: swarm.sh [DEVICES [OPTION OF holdfast-swarm run]...]
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

bin=${HOLDFAST_BIN:-$PWD/build/bin}
devices=${1:-20}
(($# == 0)) || shift
work=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-swarm.XXXXXX")
server=
clean_up() {
  [[ -z $server ]] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
  rm -rf "$work"
}
trap clean_up EXIT
fail() {
  printf 'not as it should be: %s\n' "$*" >&2
  cat "$work"/*.log >&2
  exit 1
}

export HOLDFAST_CONFIG=$work/operator.json
"$bin/holdfastd" --data "$work/service" --device-address 127.0.0.1:0 --management-address 127.0.0.1:0 \
  ${HOLDFAST_DATABASE:+--database "$HOLDFAST_DATABASE"} \
  ${HOLDFAST_CHECK_IN_EVERY:+--check-in-every "$HOLDFAST_CHECK_IN_EVERY"} >"$work/holdfastd.log" 2>&1 &
server=$!
for _ in {1..200}; do
  grep -q 'holdfastd: ready' "$work/holdfastd.log" && break
  kill -0 "$server" 2>/dev/null || fail "holdfastd ended"
  sleep 0.05
done

{
  "$bin/holdfast" owner init --dir "$work/owner"
  "$bin/holdfast" login --link-file "$work/service/owner-link" --name ada
  "$bin/holdfast" catalog create acme --owner "$work/owner"
  "$bin/holdfast" product create gateway --catalog acme
  "$bin/holdfast" device-group create field --product gateway --catalog acme
  "$bin/holdfast-swarm" reference-values >"$work/swarm.json"
  "$bin/holdfast" reference-values add "$work/swarm.json" --catalog acme --allow gateway/field
  "$bin/holdfast-swarm" maker --maker "$work/maker"
} >"$work/owner.log" 2>&1 || fail "the owner could not begin"

swarm() {
  "$bin/holdfast-swarm" run --maker "$work/maker" --catalog acme --product gateway --device-group field "$@"
}
echo "A fresh service refuses what chains to a maker that nobody trusts"
if swarm --devices 1 --arrive-over 1s --give-up-after 3s >"$work/refused.log" 2>&1; then fail "it was served"; fi
grep -q 'expected 1 devices to be healthy in time, saw 0' "$work/refused.log" || fail "it was refused for another reason"

echo "The owner trusts the maker, and the swarm is served"
"$bin/holdfast" tpm-root add "$work/maker/maker-root.pem" --catalog acme --owner "$work/owner" >>"$work/owner.log" 2>&1
swarm --devices "$devices" --service-pid "$server" "$@"

echo "A policy is tried on all of them before it is enforced"
echo '{"version": 1, "floor": {"os": 2}}' >"$work/stricter.json"
began=${EPOCHREALTIME/./}
"$bin/holdfast" policy dry-run default "$work/stricter.json" --catalog acme >"$work/dry-run.log" || fail "no dry run"
echo "  $(tail -n 1 "$work/dry-run.log") ($(((${EPOCHREALTIME/./} - began) / 1000)) ms)"
grep -q "^$devices of $devices devices would be judged otherwise" "$work/dry-run.log" || fail "not all were judged"
