#!/usr/bin/env bash
# A program that crashes on a device: it is started again later, nothing else is disturbed, and of its core what a report needs is
# kept: registers, stack, what was mapped; nothing that it held on its heap.
set -Eeuo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

. tests/metal/machines.sh
command -v readelf >/dev/null || { echo "skipped: there is no readelf"; exit 77; }

step "A system whose clock is set by a program that crashes"
make_owner >"$work/begin.log"
cat >"$work/crash.c" <<'END'
#include <stdlib.h>
#include <string.h>
static void write_nowhere(int* at) { *at = 1; }
int main(void) {
  char* held = malloc(100);
  char stack[] = "seen on the stack";
  strcpy(held, "held on");
  strcat(held, " the heap");
  write_nowhere((int*)8);
  return held[0] + stack[0];
}
END
gcc -O0 -g -o "$work/crash" "$work/crash.c"
image 1.0 1 --replace "usr/sbin/rdate=$work/crash" >>"$work/begin.log"
echo '{"time_servers": ["10.0.2.2"]}' >"$work/network.json"
os device --dir "$work/field" --image "$work/os-1.0" --keys "$keys" --network "$work/network.json"

step "It crashes, and is started again"
machine field --memory 64 --direct "$work/os-1.0"
twice() { (($(grep -ca 'init: time ended by signal 11, which left a core' "$work/field.log" || true) > 1)); }
wait_for 60 twice || fail "it did not crash, or left no core"
stop field
[[ $(grep -ca 'is up, boot' "$work/field.log") == 1 ]] || fail "the device booted for it"
! said field 'holdfast-crash:' || fail "a core was not kept"

step "What is kept of it"
read -r first sectors < <(PYTHONPATH=os python3 -c 'import disk; print(*disk.layout()["state"][1:3])')
dd if="$work/field/disk" of="$work/state" bs=512 skip="$first" count="$sectors" status=none
/sbin/e2fsck -fy "$work/state" >"$work/check.log" 2>&1 || true
/sbin/debugfs -R "dump /crashes/cores/_usr_sbin_rdate.core $work/core" "$work/state" 2>"$work/debugfs.log"
readelf -nW "$work/core" 2>/dev/null | grep -o 'NT_[A-Z_0-9]*' >"$work/notes"
show <"$work/notes"
for one in NT_PRSTATUS NT_SIGINFO NT_FILE; do grep -q "$one" "$work/notes" || fail "it lacks $one"; done
for one in /usr/sbin/rdate 'seen on the stack'; do grep -q "$one" "$work/core" || fail "it lacks '$one'"; done
! grep -q 'held on the heap' "$work/core" || fail "the heap is in it"
(($(stat -c %s "$work/core") < 200 * 1024)) || fail "it is large"
step "Done"
