#!/usr/bin/env bash
# Deltas as they are used: two small EROFS roots with programs of this build are made, one is got from the other, and what
# goes wrong on a device (another image, a damaged or short delta, no room) leaves nothing behind that looks like an image.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

for program in mkfs.erofs strip cmp; do
  command -v "$program" >/dev/null || { echo "skipped: there is no $program"; exit 77; }
done
bin=${HOLDFAST_BIN:-$PWD/build/bin}
work=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-delta.XXXXXX")
started=$SECONDS

step() { printf '[%3d s] %s\n' $((SECONDS - started)) "$*"; }
fail() { printf '\nnot as it should be: %s\n' "$*" >&2; exit 1; }
clean_up() {
  if mountpoint -q "$work/small" 2>/dev/null; then umount "$work/small"; fi
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

delta() { "$bin/holdfast-delta" "$@"; }
image() { mkfs.erofs -T0 -U00000000-0000-0000-0000-000000000001 --all-root "$work/$1.erofs" "$work/$1" >/dev/null 2>&1; }

# source ROUNDS: of a program; with more rounds the functions after the first lie elsewhere.
source_of() {
  echo 'extern "C" int printf(const char*, ...);'
  echo 'static volatile int sink;'
  echo "int first(int n) { for (int i = 0; i < $1; ++i) { sink += i * n; if (sink > 100) sink -= n << 2; } return sink; }"
  for n in $(seq 2000); do
    echo "__attribute__((noinline)) int f$n(int n) { sink += first(n + $n); return n > $n ? printf(\"f$n %d\\n\", n) : sink; }"
  done
  printf 'int main(int argc, char**) { return 0'
  for n in $(seq 2000); do printf ' + f%d(argc)' "$n"; done
  echo '; }'
}

step "Two roots, of which one has a program that was built anew"
mkdir -p "$work/a/bin" "$work/b/bin" "$work/a/etc"
source_of 'n' >"$work/a.cc"
source_of '2 * n + 3' >"$work/b.cc"
for tree in a b; do g++ -O1 -o "$work/$tree/bin/program" "$work/$tree.cc" && strip "$work/$tree/bin/program"; done
cp "$bin/holdfast-delta" "$work/a/bin/" && strip "$work/a/bin/holdfast-delta"
seq 20000 >"$work/a/etc/numbers"
cp -a "$work/a/etc" "$work/a/bin/holdfast-delta" "$work/b/"
mkdir -p "$work/b/bin" && mv "$work/b/holdfast-delta" "$work/b/bin/"
sed -i 's/^777$/seven hundred and seventy-seven/' "$work/b/etc/numbers"
image a
image b

step "Who makes deltas sorts with Debian's libdivsufsort, and not with what is left of one in libzstd"
[[ $(ldd "$bin/holdfast-delta-make") == *libdivsufsort.so* ]] || fail "it runs without libdivsufsort"

step "The new one comes out of the old one and a delta of a fraction of its program"
delta make "$work/a.erofs" "$work/b.erofs" "$work/ab.delta" 2>/dev/null
delta apply "$work/a.erofs" "$work/ab.delta" "$work/new"
cmp "$work/b.erofs" "$work/new" || fail "another image came out"
size=$(stat -c %s "$work/ab.delta") program=$(stat -c %s "$work/b/bin/program")
((size * 20 < program)) || fail "the delta has $size bytes for a program of $program"
delta show "$work/ab.delta" | grep -q '^rewritten .* in [1-9][0-9]* files$' || fail "no references were rewritten"
rm "$work/new"

# refused WHAT WORDS...: the command fails, says so, and leaves no image.
refused() {
  local words=$1
  shift
  if delta "$@" >"$work/out" 2>&1; then fail "it succeeded: $*"; fi
  grep -q -- "$words" "$work/out" || fail "expected '$words', saw: $(cat "$work/out")"
  [[ ! -e $work/new && ! -e $work/new.holdfast-part ]] || fail "something was left behind"
}

step "Another old image is told by its length, or by what comes of it"
refused "expected an old image of" apply "$work/b/bin/program" "$work/ab.delta" "$work/new"
cp "$work/a.erofs" "$work/other.erofs"
printf 'changed' | dd of="$work/other.erofs" bs=1 seek=9000 conv=notrunc status=none
refused "expected an old image with the SHA-256" apply "$work/other.erofs" "$work/ab.delta" "$work/new"
refused "expected an old image with the SHA-256" apply --check-old "$work/other.erofs" "$work/ab.delta" "$work/new"

step "A delta that is damaged or short is refused"
for at in 3 50 130 $((size / 2)) $((size - 2)); do
  cp "$work/ab.delta" "$work/damaged"
  printf '\x5a\xa5' | dd of="$work/damaged" bs=1 seek="$at" conv=notrunc status=none
  # A digest of the old image that flipped does not make the new one wrong.
  if delta apply "$work/a.erofs" "$work/damaged" "$work/new" 2>"$work/out"; then
    cmp -s "$work/b.erofs" "$work/new" || fail "a damaged delta gave another image"
  fi
  rm -f "$work/new"
done
head -c $((size / 2)) "$work/ab.delta" >"$work/short"
refused "saw one that ends after" apply "$work/a.erofs" "$work/short" "$work/new"
(cat "$work/ab.delta" && echo more) >"$work/long"
refused "expected it to end" apply "$work/a.erofs" "$work/long" "$work/new"

step "An earlier image stays when its successor cannot be made"
echo "earlier" >"$work/kept"
if delta apply "$work/a.erofs" "$work/short" "$work/kept" 2>/dev/null; then fail "it succeeded"; fi
[[ $(cat "$work/kept") == earlier ]] || fail "the earlier image is gone"

step "No room is said before anything is written"
mkdir "$work/small"
if mount -t tmpfs -o size=64k tmpfs "$work/small" 2>/dev/null; then
  if delta apply "$work/a.erofs" "$work/ab.delta" "$work/small/new" 2>"$work/out"; then fail "it fitted"; fi
  grep -q "have room for" "$work/out" || fail "it does not say that there is no room: $(cat "$work/out")"
  [[ -z $(ls "$work/small") ]] || fail "something was left behind"
else
  step "(no small file system can be mounted here: left out)"
fi

step "Wrong usage, and a delta that is not there"
set +e
delta apply "$work/a.erofs" >/dev/null 2>&1
[[ $? == 2 ]] || fail "wrong usage is not 2"
delta show "$work/nowhere" >/dev/null 2>&1
[[ $? == 4 ]] || fail "a missing delta is not 4"
set -e
step "Done: every step happened."
