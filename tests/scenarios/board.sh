# Sourced by a story: devices whose TPM is real (swtpm), whose boots are played, and whose agent is a process here.
# tests/metal/board.sh does the same with machines. $1 is a device's name, $work/$1 its folder.

holding=  # process of the connection that is held
virtual() { "$bin/holdfast-virtual-device" "$@"; }
power_off_all() {
  local one
  stop_holding
  for one in "$work"/gateway-*; do
    [[ ! -d $one ]] || virtual power-off --dir "$one" >/dev/null 2>&1 || true
  done
}

service_options() { printf '%s\n' --management-address 127.0.0.1:0; }
make_system() { virtual image --component os --version 1.0.0 --security-version 1 >"$work/os.json"; }
make_device() { virtual manufacture --dir "$work/$1" --maker-ca "$work/maker"; }
# What a good boot looks like: reference values of firmware and OS, allowed for the group.
allow_good_boots() {
  virtual reference-values --firmware >"$work/firmware.reference.json"
  virtual reference-values --image "$work/os.json" >"$work/os.reference.json"
  local part
  for part in firmware os; do
    holdfast reference-values add "$work/$part.reference.json" --catalog acme --allow gateway/field
  done
}
# boot NAME [--tamper]
boot() { virtual boot --dir "$work/$1" --image "$work/os.json" "${@:2}"; }
# The words of a device's agent, as an array, so that whoever starts it in the background knows its process.
agent_of() {
  agent=("$bin/holdfast-agent" --state "$work/$1/disk" --tcti "swtpm:path=$work/$1/tpm.sock" --boot "$work/$1/boot")
}
agent() {
  agent_of "$1"
  "${agent[@]}" "${@:2}"
}
# agent_once NAME [TICKET]: until it is attested and checked in.
agent_once() { agent "$1" --once ${2:+--ticket "$2"} >>"$work/$1.log" 2>&1; }
agent_says() { agent "$1" --status; }
copy_disk() { virtual copy-disk --from "$work/$1" --to "$work/$2"; }
clear_tpm() { virtual clear --dir "$work/$1"; }

# A connection with the client certificate, which neither TPM nor agent is needed for once it is open.
hold_connection() {
  mkfifo "$work/hold.in"
  : >"$work/hold.txt"  # there before anybody looks at it
  agent_of "$1"
  "${agent[@]}" --hold-connection <"$work/hold.in" >"$work/hold.txt" 2>"$work/hold.log" &
  holding=$!
  exec 4>"$work/hold.in"
  held 1
  expect 'status 200' "$work/held.txt"
}
# held N: what it was answered the N-th time.
held() {
  for _ in {1..100}; do (($(wc -l <"$work/hold.txt") < $1)) || break; sleep 0.05; done
  sed -n "$1p" "$work/hold.txt" | tee "$work/held.txt"
}
require_certificate_of_no_use() {
  echo >&4
  held 2
  expect 'status 403' "$work/held.txt"
  exec 4>&-
  stop_holding
}
stop_holding() {
  [[ -z $holding ]] || kill "$holding" 2>/dev/null || true
  [[ -z $holding ]] || wait "$holding" 2>/dev/null || true
  holding=
}
# Until Ctrl-C.
keep_running() {
  agent_of "$1"
  "${agent[@]}" >>"$work/$1.log" 2>&1 &
  holding=$!
}
