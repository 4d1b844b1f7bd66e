#!/usr/bin/env bash
# No way in: every file of the root that can be executed is one that docs/os.md names, none gives rights away, nobody has a
# password; a running device answers at no TCP port, and says nothing to who types at its console.
set -Eeuo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

if [[ ${1:-} != --inside ]]; then
  unshare -n true 2>/dev/null || { echo "skipped: no network namespace can be made"; exit 77; }
  [[ -c /dev/net/tun ]] || { echo "skipped: there is no /dev/net/tun"; exit 77; }
  exec unshare -n "${BASH_SOURCE[0]}" --inside
fi
. tests/metal/machines.sh

make_owner >"$work/image.log"
step "The system, and what of it can be executed"
image 1.0 1 >>"$work/image.log"
mkdir "$work/root"
fsck.erofs --extract="$work/root" "$work/os-1.0/root.erofs" >"$work/extract.log" 2>&1
(cd "$work/root" && find . -type f -perm /111 ! -name '*.so*' -printf '/%P\n' | sort) >"$work/executable"
show <"$work/executable"
sed -n 's/^| `\(\/[^`]*\)` | [^|]* |$/\1/p' docs/os.md | sort >"$work/named"
diff "$work/named" "$work/executable" || fail "what can be executed is not what docs/os.md names"
[[ -z $(find "$work/root" -type f -perm /7000) ]] || fail "a file gives rights away"
[[ -z $(find "$work/root" -perm /022 ! -type l) ]] || fail "a file can be written by others than root"
! grep -v ':x:[0-9]*:[0-9]*::/:/$' "$work/root/etc/passwd" || fail "somebody has a shell"
[[ ! -e $work/root/etc/shadow ]] || fail "there are passwords"

step "A device on a network with nobody else"
os device --dir "$work/field" --image "$work/os-1.0" --keys "$keys"
ip link set lo up
ip tuntap add name tap0 mode tap
ip link set tap0 up
mkfifo "$work/console"
exec 9<>"$work/console"
console=$work/console machine field --memory 64 --direct "$work/os-1.0" --tap tap0
wait_for 60 said field 'is up, boot 1, 2 watchdogs armed' || fail "it did not come up"

step "Each of its 65,535 TCP ports is tried"
python3 tests/metal/scan.py tap0 | tee "$work/scan" | show
grep -q ': 0 open TCP ports' "$work/scan" || fail "it listens"

step "Somebody types at its console"
before=$(wc -l <"$work/field.log")
printf 'root\n\nls\n\003\004\032\nreboot\n' >&9
sleep 5
tail -n +"$((before + 1))" "$work/field.log" | tr -d '\r' | grep -vE '^(root|ls|reboot|\^[CDZ])*$' >"$work/answers" || true
said field 'reboot' || fail "what was typed did not arrive"
[[ ! -s $work/answers ]] || fail "it answered: $(cat "$work/answers")"
step "Done"
