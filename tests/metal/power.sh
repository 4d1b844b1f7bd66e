# Sourced, not a story: machines with the folders $work/NAME that are switched on and off. Whoever sources it has $bin and $work, and
# switches off what is in $machines at its end.

keys=${HOLDFAST_CACHE:-/var/cache/holdfast}/development-keys
declare -A machines=()

for one in qemu-system-x86_64 sbsign mkfs.erofs mkfs.vfat mcopy sfdisk swtpm /usr/sbin/dhcpcd /sbin/mke2fs; do
  command -v "$one" >/dev/null || { echo "skipped: there is no $one"; exit 77; }
done
[[ -e /usr/src/linux-source-6.1.tar.xz ]] || { echo "skipped: there is no linux-source-6.1"; exit 77; }

os() { python3 os --bin "$bin" "$@"; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
# machine NAME [OPTION...]: runs it over and over, as a device does that has power.
machine() {
  (exec python3 os --bin "$bin" run --dir "$work/$1" "${@:2}") >"$work/$1.log" 2>&1 <"${console:-/dev/null}" &
  machines[$1]=$!
}
# stop NAME: its power goes.
stop() {
  [[ -n ${machines[$1]:-} ]] || return 0
  kill "${machines[$1]}" 2>/dev/null || true
  wait "${machines[$1]}" 2>/dev/null || true
  unset "machines[$1]"
}
# said NAME WORDS: on its console.
said() { grep -qa -- "$2" "$work/$1.log"; }
# put FILE PARTITION NAME: into its disk.
put() {
  PYTHONPATH=os python3 -c '
import disk, sys
with open(sys.argv[3], "r+b") as opened:
    opened.seek(disk.layout()[sys.argv[2]][1] * disk.SECTOR)
    opened.write(open(sys.argv[1], "rb").read())' "$1" "$2" "$work/$3/disk"
}
# Which place is confirmed, and what firmware found beside it, is measured into PCR 1, off which policies keep.
keep_off_pcr_1() {
  echo '{"version": 1, "pcrs": [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]}' >"$work/policy.json"
  holdfast policy set default "$work/policy.json" --catalog acme
}
