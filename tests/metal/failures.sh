#!/usr/bin/env bash
# Four ways in which a system that is being tried fails, and the same end: its device is back on the one before by itself, says
# why, and the rollout stops. A boot program that was changed, a root that is not the signed one, a first process that
# hangs, an agent that ends again and again. Each is tried three times before it is blamed.
set -Eeuo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

. tests/metal/machines.sh
. tests/metal/fleet_of_one.sh

# program NAME BODY: of C, that stands alone.
program() { printf '%s\n' "$2" | gcc -O1 -static -x c - -o "$work/$1"; }
# changes_byte FILE OFFSET
changes_byte() { printf 'X' | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null; }
deployment=1  # the first says what is there already, and where the device's place is
# falls_back VERSION WORDS [OPTION...]: is deployed and stopped; the console said the words.
falls_back() {
  ((++deployment))
  publish "$1" 2 "${@:3}" >>"$work/begin.log"
  holdfast release upload --repository "$work/images" --catalog acme >>"$work/begin.log"
  holdfast deployment create "os/$1/image" --product gateway --device-group field --catalog acme \
    --wave "$(awk "BEGIN { print $place + 0.01 }"):5s" --wave 100 >>"$work/begin.log"
  wait_for 400 rollout "$deployment" 'every device that tried it fell back: 1 of 1' || fail "$1 was not stopped"
  wait_for 60 device_is healthy "os 1.0" || fail "it is not back on 1.0"
  said field "$2" || fail "the console does not say: $2"
  holdfast device direction "$name" --catalog acme | grep report | show
  holdfast rollout abort "$deployment" --reason "does not start" --catalog acme >>"$work/begin.log"
}
{
  holdfast release upload --repository "$work/images" --catalog acme
  holdfast deployment create os/1.0/image --product gateway --device-group field --catalog acme --wave 100
} >>"$work/begin.log"
place=$(holdfast device direction "$name" --catalog acme --output json | sed -n 's/.*place is \([0-9.]*\) %.*/\1/p' | head -n 1)

step "A boot program with one byte changed: firmware refuses it"
image 2.1 2 >>"$work/begin.log"
changes_byte "$work/os-2.1/image" 2000000
falls_back 2.1 'failed to load Boot00B0.*Access Denied'

step "A root with one byte changed: the kernel stops"
image 2.2 2 >>"$work/begin.log"
changes_byte "$work/os-2.2/image" $((8388608 + 1000000))
falls_back 2.2 'dm-verity device corrupted'
said field 'a boot before ended: Kernel panic.*dm-verity' || fail "the next boot does not say why"

step "A first process that hangs: the hardware's watchdog resets the machine"
program hanging-init '
#include <fcntl.h>
#include <linux/watchdog.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>
int main(void) {
  int limit = 8;
  mount("dev", "/dev", "devtmpfs", 0, "");
  ioctl(open("/dev/watchdog0", O_WRONLY), WDIOC_SETTIMEOUT, &limit);
  puts("it hangs");
  fflush(stdout);
  for (;;) pause();
}'
image 2.3 2 --replace "init=$work/hanging-init" >>"$work/begin.log"
falls_back 2.3 'it hangs'

step "An agent that ends again and again: the first process boots the machine"
program ending-agent 'int main(void) { return 1; }'
image 2.4 2 --replace "usr/bin/holdfast-agent=$work/ending-agent" >>"$work/begin.log"
falls_back 2.4 'agent ends again and again'

step "Done: four failures, and it runs 1.0"
