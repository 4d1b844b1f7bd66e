#!/usr/bin/env bash
# cuts.sh N: the power of devices goes N times, at moments that a seed chooses (SEED=…): while they start, are made, enrol, are
# updated from one version to the next. What no flush followed is partly there and partly not, down to single sectors; the TPM
# goes with it. Each time the device comes up, says the truth, and has lost nothing that it acknowledged. First a system
# that syncs nothing has to be found out.
set -Eeuo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

. tests/metal/machines.sh
. tests/metal/fleet_of_one.sh
stop field

step "Five more versions, and one that syncs nothing"
cat >"$work/forgetful.c" <<'END'
int fsync(int file) { return file < 0 ? -1 : 0; }
int fdatasync(int file) { return file < 0 ? -1 : 0; }
END
gcc -shared -fPIC -O1 "$work/forgetful.c" -o "$work/libforgetful.so"
echo /usr/lib/libforgetful.so >"$work/preload"
{
  image 9.0 1 --replace "usr/lib/libforgetful.so=$work/libforgetful.so" --replace "etc/ld.so.preload=$work/preload"
  before=1.0
  for version in 1.1 1.2 1.3 1.4 1.5; do
    image "$version" 1
    publish "$version" 1 --delta-from "$before"
    before=$version
  done
  holdfast release upload --repository "$work/images" --catalog acme
} >>"$work/begin.log"

step "$1 cuts"
export HOLDFAST_CONFIG
# In a group of its own, with the machines that it starts: whatever ends this story ends them.
setsid python3 tests/metal/cuts --work "$work" --bin "$bin" --keys "$keys" --forgetful "$work/os-9.0" \
  --versions 1.0 1.1 1.2 1.3 1.4 1.5 --count "$1" ${SEED:+--seed "$SEED"} &
groups+=($!)
wait "${groups[-1]}"
step "Done"
