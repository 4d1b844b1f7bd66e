# Sourced: how a story tells its steps and fails. Who sources it has $work, a folder with logs, and clean_up, which runs at the end.

started=$SECONDS

step() { printf '\n[%3d s] %s\n' $((SECONDS - started)) "$*"; }
show() { sed 's/^/         /'; }
exec 3>&2  # also where a step's own words go to a log
fail() {
  printf '\nnot as it should be: %s\n' "$*" >&3
  tail -n 20 "$work"/*.log >&3 2>/dev/null || true
  exit 1
}
# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < until)) || return 1
    sleep 0.3
  done
}
trap clean_up EXIT
trap 'exit 130' INT TERM
trap 'fail "a command failed, line $LINENO"' ERR
