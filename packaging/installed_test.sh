#!/usr/bin/env bash
# Installs the packages on a copy of this system, starts systemd there as the first process, and looks at what it
# started. The copy is an overlay in memory and namespaces of its own: nothing of this system changes.
# Exits 77 where that cannot be had here.  usage: packaging/installed_test.sh DIRECTORY-OF-PACKAGES
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

skip() { printf 'SKIPPED: %s\n' "$*"; exit 77; }
fail() {
  printf 'not as it should be: %s\n' "$*" >&2
  tail -n 40 "$log" >&2 2>/dev/null || true
  exit 1
}

if [[ ${1:-} != --inside ]]; then
  packages=$(cd "${1:?a directory of packages}" && pwd)
  ((EUID == 0)) || skip "only root can make the copy"
  [[ -x /lib/systemd/systemd ]] || skip "systemd is not installed"
  unshare --mount true 2>/dev/null || skip "no namespaces here"
  exec unshare --mount --uts --ipc --net --cgroup --propagation private "$0" --inside "$packages"
fi

packages=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-installed.XXXXXX")
root=$work/root
log=$work/log
first=
clean_up() {
  [[ -z $first ]] || { kill -KILL "$first" 2>/dev/null || true; wait "$first" 2>/dev/null || true; }
  umount -R -l "$root" 2>/dev/null || true
  umount -l "$work" 2>/dev/null || true
  rmdir "$work" 2>/dev/null || true
}
trap clean_up EXIT

mount -t tmpfs -o mode=0755 holdfast "$work" || skip "no tmpfs here"
mkdir -p "$work"/{upper,work,root}
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/work" "$root" || skip "no overlay here"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=0755 run "$root/run"
mount -t tmpfs tmp "$root/tmp"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup" || skip "no cgroups here"
ip link set lo up
# Of what is installed here only what we start runs there.
ln -sf /dev/null "$root/etc/systemd/system/systemd-udevd.service"
cat >"$root/etc/systemd/system/holdfast-test.target" <<'END'
[Unit]
Requires=basic.target
END
for unit in systemd-udev-trigger systemd-modules-load systemd-sysctl systemd-remount-fs systemd-journal-flush; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit.service"
done

echo "Installing the packages"
cp "$packages"/*.deb "$root/tmp/"
chroot "$root" sh -c 'DEBIAN_FRONTEND=noninteractive dpkg -i /tmp/*.deb' >"$log" 2>&1 || fail "dpkg could not install them"

echo "Starting systemd"
unshare --pid --fork --kill-child sh -c "
  mount -t proc proc $root/proc
  exec env -i container=holdfast PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    chroot $root /lib/systemd/systemd --system --unit=holdfast-test.target --log-target=console" >>"$log" 2>&1 &
first=$!
for _ in {1..100}; do
  init=$(pgrep -P "$first" | head -n 1) && [[ -S $root/run/systemd/private ]] && break
  kill -0 "$first" 2>/dev/null || skip "systemd does not start here: $(tail -n 3 "$log" | tr '\n' ' ')"
  sleep 0.1
done
inside() { nsenter --target "$init" --pid --mount -- chroot "$root" "$@"; }
inside systemctl is-system-running --wait >/dev/null 2>&1 || true
inside systemctl show --property Version >/dev/null 2>&1 || skip "systemd does not answer here"
# The same sandbox around nothing: where that cannot be had, it says nothing about ours.
sed -e 's|^ExecStart=.*|ExecStart=/bin/true|' -e 's|^Type=.*|Type=oneshot|' -e '/^Restart/d' -e '/^EnvironmentFile/d' \
  packaging/holdfastd.service >"$root/etc/systemd/system/holdfast-probe.service"
inside systemctl daemon-reload
inside systemctl start holdfast-probe.service 2>>"$log" || skip "systemd cannot make the unit's sandbox here"

echo "Starting holdfastd by its unit"
inside systemctl start holdfastd.service || fail "the unit did not start"
for _ in {1..100}; do
  curl -sk https://127.0.0.1:8444/readyz 2>/dev/null | grep -q ready && break
  sleep 0.1
done
curl -sk https://127.0.0.1:8444/readyz | grep -q ready || fail "holdfastd is not ready"
pid=$(inside systemctl show --property MainPID --value holdfastd.service)
status=$(inside cat "/proc/$pid/status")
expect() { grep -q "$1" <<<"$status" || fail "expected $1 of the process, saw $(grep "${1%%:*}" <<<"$status")"; }
expect 'NoNewPrivs:	1'
expect 'Seccomp:	2'
expect 'CapBnd:	0000000000000000'
expect "Uid:	$(chroot "$root" id -u holdfast)	"
[[ $(chroot "$root" stat -c '%U %a' /var/lib/holdfast) == 'holdfast 700' ]] || fail "the state is open to others"
inside systemctl kill --signal=KILL holdfastd.service
sleep 3
[[ $(inside systemctl show --property MainPID --value holdfastd.service) != "$pid" ]] || fail "it was not started anew"
inside systemctl is-active --quiet holdfastd.service || fail "it did not come back"

echo "The agent waits for its ticket, and is started with one"
inside systemctl start holdfast-agent.service
[[ $(inside systemctl show --property ConditionResult --value holdfast-agent.service) == no ]] || fail "it began without a ticket"
echo '{}' >"$root/etc/holdfast/ticket.json"
chroot "$root" chown holdfast-agent: /etc/holdfast/ticket.json
chmod 600 "$root/etc/holdfast/ticket.json"
inside systemctl start holdfast-agent.service || fail "the agent's unit did not start"
sleep 1
inside systemctl is-active --quiet holdfast-agent.service || fail "the agent ended"

echo "Removing them leaves the state"
inside sh -c 'dpkg -r holdfastd holdfast-agent holdfast' >>"$log" 2>&1 || fail "dpkg could not remove them"
[[ -d $root/var/lib/holdfast ]] || fail "the state is gone"
! inside systemctl is-active --quiet holdfastd.service || fail "it still runs"
echo "Done"
