#!/usr/bin/env bash
# Releases from an engineer's desk to a client that trusts the owner's root alone, over a static web server: roles with
# keys of their own, in files and in a token (SoftHSM, where there is one), two holders, a maker, a withdrawal, a bundle.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

bin=${HOLDFAST_BIN:-$PWD/build/bin}
work=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-release.XXXXXX")
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

release() {
  local verb=$1
  shift
  "$bin/holdfast" release "$verb" --repository "$work/images" --dir "$work/owner" "$@"
}
publish_door() {
  release publish "$1" --kind application --product gateway --hardware board-a --component door --version "$2" \
    --security-version 1 --needs os:2 "${@:3}"
}

echo "The owner makes a repository and releases a version"
"$bin/holdfast" owner init --dir "$work/owner" >"$work/owner.log"
release init >>"$work/owner.log"
head -c 700000 /dev/urandom >"$work/door-1"
publish_door "$work/door-1" 1.0 >>"$work/owner.log"
release list | grep -q '^door  *1.0 .* gateway ' || fail "the release is not listed"

: >"$work/server.log"  # read before the server has begun it
python3 -u -m http.server --bind 127.0.0.1 --directory "$work/images" 0 >"$work/server.log" 2>&1 &
server=$!
for _ in {1..400}; do
  port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$work/server.log")
  [[ -z $port ]] || break
  sleep 0.05
done
[[ -n $port ]] || fail "there is no web server"
client() {
  "$bin/holdfast-tuf-client" --metadata-url "http://127.0.0.1:$port/metadata" --metadata-dir "$work/client" "$@"
}
fetch() {
  rm -rf "$work/got"
  mkdir "$work/got"
  client --target-name "$1" --target-dir "$work/got" --target-base-url "http://127.0.0.1:$port/targets" \
    download >>"$work/client.log" 2>&1
}
download() { fetch "door/$1/image"; }
# comes FILE TARGET: the client gets exactly this file as that target.
comes() {
  fetch "$2" || fail "$2 could not be had"
  find "$work/got" -type f -exec cmp "$1" {} + || fail "something else came as $2"
}

echo "A client that pins the owner's first root gets exactly that"
"$bin/holdfast-tuf-client" --metadata-dir "$work/client" init "$work/owner/1.root.json"
download 1.0 || fail "the image could not be had"
find "$work/got" -type f -exec cmp "$work/door-1" {} + || fail "another image came"
if download 2.0; then fail "a version came that nobody released"; fi

echo "A release is never replaced; the next one and a new root are taken"
{ cat "$work/door-1"; echo "and a bell"; } >"$work/door-2"
if publish_door "$work/door-2" 1.0 2>"$work/replaced.log"; then fail "a release was replaced"; fi
grep -q version-released "$work/replaced.log" || fail "it was refused for another reason"
"$bin/holdfast" owner renew --dir "$work/owner" >>"$work/owner.log"
"$bin/holdfast" owner adopt "$work/owner/2.root.draft.json" --dir "$work/owner" >>"$work/owner.log"
publish_door "$work/door-2" 2.0 --delta-from 1.0 >>"$work/owner.log"
download 2.0 || fail "the next version could not be had"
find "$work/got" -type f -exec cmp "$work/door-2" {} + || fail "another image came"

echo "The delta beside it makes the same image of the version before"
delta=$(echo "$work"/images/targets/door/2.0/*.delta)
(($(stat -c %s "$delta") < 1000)) || fail "the delta is larger than what changed"
"$bin/holdfast" delta apply "$work/door-1" "$delta" "$work/door-2.made" >>"$work/owner.log"
cmp "$work/door-2" "$work/door-2.made" || fail "the delta made another image"

echo "Roles get keys of their own, the timestamp's in a token, and clients walk to the new root"
own() { "$bin/holdfast" "$@" --dir "$work/owner" >>"$work/owner.log"; }
own release rotate targets
own release rotate snapshot
module=/usr/lib/softhsm/libsofthsm2.so
if [[ -e $module ]] && command -v softhsm2-util >/dev/null; then
  export SOFTHSM2_CONF=$work/softhsm2.conf
  mkdir "$work/tokens"
  printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$work/tokens" >"$SOFTHSM2_CONF"
  softhsm2-util --init-token --free --label desk --so-pin 13579 --pin 24680 >>"$work/owner.log"
  (umask 077 && echo 24680 >"$work/token.pin")
  own release rotate timestamp --token "pkcs11:token=desk?module-path=$module" --token-pin "$work/token.pin"
  [[ ! -e $work/owner/timestamp-key-1.pem ]] || fail "the timestamp's key is in a file"
  if grep -rq 24680 "$work/owner" "$work/images" "$work/owner.log"; then fail "the PIN was written down"; fi
else
  echo "  skipped: the token, as there is no SoftHSM"
  own release rotate timestamp
fi
own owner adopt "$work/owner/3.root.draft.json"
mkdir "$work/safe"
mv "$work/owner/root-key-1.pem" "$work/safe/"
echo "the third door" >"$work/door-3"
publish_door "$work/door-3" 3.0 >>"$work/owner.log"
comes "$work/door-3" door/3.0/image

echo "Where two must sign, a release waits for the second holder, on a machine of their own"
mkdir -m 700 "$work/bob"
cp "$work"/owner/*.root.json "$work/bob/"
"$bin/holdfast" release make-key targets --dir "$work/bob" >>"$work/owner.log"
mv "$work/safe/root-key-1.pem" "$work/owner/"
own release add-key targets --key "$work/bob/targets-key-1.pub" --threshold 2
own owner adopt "$work/owner/4.root.draft.json"
"$bin/holdfast" owner adopt "$work/owner/4.root.draft.json" --dir "$work/bob" >>"$work/owner.log"
publish_together() {
  grep -q 'waits for signatures' "$work/waits.log" || fail "nothing waited"
  cp "$work/owner/targets.draft.json" "$work/stick.json"
  "$bin/holdfast" release sign "$work/stick.json" --dir "$work/bob" >>"$work/owner.log"
  cp "$work/stick.json" "$work/owner/targets.draft.json"
  release publish >"$work/published.log"
  grep -q 'is published' "$work/published.log" || fail "two signatures were not enough"
}
echo "the fourth door" >"$work/door-4"
publish_door "$work/door-4" 4.0 >"$work/waits.log"
if download 4.0; then fail "one of two signatures was enough"; fi
publish_together
comes "$work/door-4" door/4.0/image

echo "A maker's operating system reaches this owner's devices, and nothing else of the maker's does"
"$bin/holdfast" owner init --dir "$work/maker" >>"$work/owner.log"
making() { "$bin/holdfast" release "$1" --repository "$work/made" --dir "$work/maker" "${@:2}" >>"$work/owner.log"; }
making init
make_image() {
  making publish "$1" --kind "$2" --product gateway --hardware board-a --component "$3" --version "$4" \
    --security-version 1 "${@:5}"
}
mkdir -p "$work/tree/var/lib/dpkg" "$work/tree/usr/bin"
printf 'Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2.15-2+b2\n' \
  >"$work/tree/var/lib/dpkg/status"
cp "$(readlink -f /bin/true)" "$work/tree/usr/bin/true"
ln -s true "$work/tree/usr/bin/false"
printf '{"component":"os","version":"1.0","security_version":1,"events":[{"pcr":4,"digest":"%064d","description":"x"}]}' 0 \
  >"$work/os.reference.json"
head -c 300000 /dev/urandom >"$work/os-1"
make_image "$work/os-1" os os 1.0 --sbom-from "$work/tree" --reference-values "$work/os.reference.json"
echo "not your door" >"$work/door-9"
make_image "$work/door-9" application door 9.9
release delegate maker --component os --key "$work/maker/root-key-1.pub" >"$work/waits.log"
publish_together
release import maker --from "$work/made" >>"$work/owner.log"
comes "$work/os-1" os/1.0/image
if download 9.9; then fail "a maker replaced the owner's application"; fi
comes "$work/door-4" door/4.0/image

echo "What is in the image is told: packages, files, build ids, reference values, the same each time"
release show os 1.0 --part sbom >"$work/sbom.json"
release show os 1.0 --part build-ids >"$work/build-ids.json"
release show os 1.0 --part reference-values | cmp - "$work/os.reference.json" || fail "other reference values came"
python3 - "$work" <<'END' || fail "the bill of materials is not right"
import hashlib, json, subprocess, sys
work = sys.argv[1]
sbom = json.load(open(f"{work}/sbom.json"))
assert (sbom["bomFormat"], sbom["specVersion"]) == ("CycloneDX", "1.5")
by_name = {one["name"]: one for one in sbom["components"]}
assert by_name["bash"]["purl"] == "pkg:deb/debian/bash@5.2.15-2%2Bb2?arch=amd64"
true = open(f"{work}/tree/usr/bin/true", "rb").read()
assert by_name["usr/bin/true"]["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(true).hexdigest()}]
assert set(by_name) == {"bash", "usr/bin/true", "var/lib/dpkg/status"}
ids = json.load(open(f"{work}/build-ids.json"))["build_ids"]
assert [one["path"] for one in ids] == ["usr/bin/true"] and bytes.fromhex(ids[0]["build_id"]) in true
END
make_image "$work/os-1" os os 1.0 --sbom-from "$work/tree"

echo "A version that is withdrawn is had no more, says so, and never comes back"
release revoke door 3.0 --reason 'opens at night' >"$work/waits.log"
publish_together
if download 3.0; then fail "a withdrawn version was had"; fi
fetch door/3.0/withdrawn || fail "the withdrawal is not told"
grep -rq "$(sha256sum "$work/door-3" | cut -d' ' -f1)" "$work/got" || fail "the withdrawal does not say of which bytes"
if publish_door "$work/door-3" 3.0 2>"$work/replaced.log"; then fail "a withdrawn version came back"; fi
grep -q version-withdrawn "$work/replaced.log" || fail "it was refused for another reason"

echo "One file has all of it, the same each time, and any part of it can be read by its range"
release bundle --out "$work/images.tar" >>"$work/owner.log"
release bundle --out "$work/again.tar" >>"$work/owner.log"
cmp "$work/images.tar" "$work/again.tar" || fail "the same repository made another bundle"
mkdir "$work/unpacked"
tar -xf "$work/images.tar" -C "$work/unpacked"
python3 - "$work" <<'END' || fail "the index of the bundle is not right"
import json, os, sys
work = sys.argv[1]
with open(f"{work}/images.tar", "rb") as bundle:
    header = bundle.read(512)
    length = int(header[124:135], 8)
    index = json.loads(bundle.read(length))
    begin = 512 + (length + 511) // 512 * 512
    for one in index["files"]:
        bundle.seek(begin + one["offset"])
        content = bundle.read(one["length"])
        assert content == open(f"{work}/images/{one['path']}", "rb").read(), one
        assert content == open(f"{work}/unpacked/{one['path']}", "rb").read(), one
listed = {one["path"] for one in index["files"]}
assert any(path.endswith(".delta") for path in listed) and any(path.endswith(".sbom") for path in listed)
assert len(listed) + 1 == sum(len(files) for _, _, files in os.walk(f"{work}/unpacked"))
END

echo "A repository that was taken back to an older state is refused where it was published from"
cp -r "$work/images" "$work/older"
release publish >>"$work/owner.log"
cp "$work/owner/targets.draft.json" "$work/stick.json"
"$bin/holdfast" release sign "$work/stick.json" --dir "$work/bob" >>"$work/owner.log"
cp "$work/stick.json" "$work/owner/targets.draft.json"
release publish >>"$work/owner.log"
mv "$work/images" "$work/newer"
cp -r "$work/older" "$work/images"
if release list 2>"$work/older.log"; then fail "an older state was taken"; fi
grep -q repository-rolled-back "$work/older.log" || fail "it was refused for another reason"
rm -r "$work/images"
mv "$work/newer" "$work/images"

echo "An image that is changed on the server is refused"
printf 'x' | dd of="$(echo "$work"/images/targets/door/2.0/*.image)" conv=notrunc status=none
if download 2.0; then fail "a changed image was taken"; fi

echo "Whoever holds none of the owner's keys publishes nothing"
mkdir "$work/stranger"
cp "$work"/owner/*.root.json "$work/stranger/"
chmod 700 "$work/stranger"
if "$bin/holdfast" release publish --repository "$work/images" --dir "$work/stranger" 2>"$work/stranger.log"; then
  fail "it was published without a key"
fi
grep -q repository-unsigned "$work/stranger.log" || fail "it was refused for another reason"
