#!/usr/bin/env bash
# Debian packages of the programs in build/bin, or $HOLDFAST_BIN: holdfastd (the service), holdfast-agent (the device),
# holdfast (the tool of owners and operators). usage: packaging/make.sh DIRECTORY, into which they are put.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

bin=${HOLDFAST_BIN:-build/bin}
out=$(mkdir -p "$1" && cd "$1" && pwd)
version=$(sed -n 's/^project(holdfast VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
architecture=$(dpkg --print-architecture)
work=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-package.XXXXXX")
trap 'rm -rf "$work"' EXIT
# Same input, same bytes: every file is as old as the commit.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH

# needed_libraries PROGRAM...: the packages that they run with.
needed_libraries() (
  mkdir -p "$work/shlibs/debian"
  cd "$work/shlibs"
  printf 'Source: holdfast\n\nPackage: holdfast\nArchitecture: any\n' >debian/control
  dpkg-shlibdeps -O --ignore-missing-info "$@" 2>/dev/null | sed -n 's/^shlibs:Depends=//p'
)

# package NAME PROGRAMS DESCRIPTION [USER]: with USER there is a unit of the same name, which runs as that user.
package() {
  local name=$1 programs=$2 description=$3 user=${4:-} root="$work/$1" program
  mkdir -p "$root/DEBIAN" "$root/usr/bin" "$root/usr/share/doc/$name"
  for program in $programs; do
    install -m 755 "$bin/$program" "$root/usr/bin/$program"
    strip --strip-unneeded "$root/usr/bin/$program"
  done
  install -m 644 LICENSE "$root/usr/share/doc/$name/copyright"
  install -m 644 CHANGELOG.md "$root/usr/share/doc/$name/changelog.md"
  if [[ $name == holdfast ]]; then  # the image tools, which `holdfast factory` starts
    install -D -m 644 -t "$root/usr/share/holdfast/os" os/*.py os/kernel.config
    install -D -m 644 -t "$root/usr/share/holdfast/os/patches" os/patches/*
  fi
  local depends
  depends=$(needed_libraries "$root"/usr/bin/*)
  if [[ -n $user ]]; then
    add_unit "$name" "$user" "$root"
    depends+=", adduser"
  fi
  cat >"$root/DEBIAN/control" <<END
Package: $name
Version: $version
Architecture: $architecture
Maintainer: the Holdfast engineers <holdfast@localhost>
Installed-Size: $(du -sk --exclude DEBIAN "$root" | cut -f1)
Depends: $depends${recommends[$name]:+
Recommends: ${recommends[$name]}}
Section: admin
Priority: optional
Description: $description
END
  find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  dpkg-deb --root-owner-group --build "$root" "$out/${name}_${version}_$architecture.deb" >/dev/null
  printf '%s\n' "$out/${name}_${version}_$architecture.deb"
}

# add_unit NAME USER ROOT: the unit, its defaults, and the scripts that make its user and start and stop it.
add_unit() {
  local name=$1 user=$2 root=$3
  install -D -m 644 "packaging/$name.service" "$root/lib/systemd/system/$name.service"
  install -D -m 644 "packaging/$name.default" "$root/etc/default/$name"
  printf '/etc/default/%s\n' "$name" >"$root/DEBIAN/conffiles"
  cat >"$root/DEBIAN/postinst" <<END
#!/bin/sh
set -e
[ "\$1" = configure ] || exit 0
adduser --system --group --home /nonexistent --no-create-home --quiet $user
if [ "$name" = holdfast-agent ]; then
  install -d -m 755 /etc/holdfast
  getent group tss >/dev/null || addgroup --system --quiet tss
fi
[ -d /run/systemd/system ] || exit 0
systemctl daemon-reload
if [ -n "\$2" ]; then systemctl try-restart $name.service; else systemctl enable --now --quiet $name.service; fi
END
  cat >"$root/DEBIAN/prerm" <<END
#!/bin/sh
set -e
[ "\$1" = remove ] && [ -d /run/systemd/system ] || exit 0
systemctl disable --now --quiet $name.service
END
  # What it holds are keys and a fleet: purging the package leaves its state, and says where.
  cat >"$root/DEBIAN/postrm" <<END
#!/bin/sh
set -e
[ ! -d /run/systemd/system ] || systemctl daemon-reload
[ "\$1" = purge ] || exit 0
[ ! -d /var/lib/$user ] || echo "$name: its state stays in /var/lib/$user" >&2
END
  chmod 755 "$root"/DEBIAN/post* "$root/DEBIAN/prerm"
}

# Applications come as EROFS images, which the agent unpacks.
declare -A recommends=([holdfast-agent]=erofs-utils [holdfast]="python3, qemu-system-x86, ovmf, swtpm-tools")

package holdfast "holdfast holdfast-delta holdfast-delta-make holdfast-image holdfast-tuf-client holdfast-virtual-device" "command line of owners and operators of Holdfast"
package holdfastd holdfastd "security service for connected devices: attestation, certificates, audit" holdfast
package holdfast-agent holdfast-agent "device agent of Holdfast: enrols, attests, keeps certificates fresh" holdfast-agent
