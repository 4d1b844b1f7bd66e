#!/usr/bin/env bash
# A release from an engineer's desk to a client that trusts the owner's root alone, over a static web server.
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

python3 -u -m http.server --bind 127.0.0.1 --directory "$work/images" 0 >"$work/server.log" 2>&1 &
server=$!
for _ in {1..100}; do
  port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$work/server.log")
  [[ -z $port ]] || break
  sleep 0.05
done
[[ -n $port ]] || fail "there is no web server"
client() {
  "$bin/holdfast-tuf-client" --metadata-url "http://127.0.0.1:$port/metadata" --metadata-dir "$work/client" "$@"
}
download() {
  mkdir -p "$work/got"
  client --target-name "door/$1/image" --target-dir "$work/got" --target-base-url "http://127.0.0.1:$port/targets" \
    download >>"$work/client.log" 2>&1
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
cp "$work/owner/2.root.draft.json" "$work/owner/2.root.json"
publish_door "$work/door-2" 2.0 --delta-from 1.0 >>"$work/owner.log"
rm -rf "$work/got"
download 2.0 || fail "the next version could not be had"
find "$work/got" -type f -exec cmp "$work/door-2" {} + || fail "another image came"

echo "The delta beside it makes the same image of the version before"
delta=$(echo "$work"/images/targets/door/2.0/*.delta)
(($(stat -c %s "$delta") < 1000)) || fail "the delta is larger than what changed"
"$bin/holdfast" delta apply "$work/door-1" "$delta" "$work/door-2.made" >>"$work/owner.log"
cmp "$work/door-2" "$work/door-2.made" || fail "the delta made another image"

echo "An image that is changed on the server is refused"
rm -rf "$work/got"
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
