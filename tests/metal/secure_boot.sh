#!/usr/bin/env bash
# Firmware (OVMF with SMM) that comes up with the keys that holdfast-image wrote into its variables: it starts what their
# owner signed, and nothing that is unsigned, signed by somebody else, or changed by one bit. Each is a virtual machine.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

code=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd
template=/usr/share/OVMF/OVMF_VARS_4M.fd
program=/usr/lib/systemd/boot/efi/systemd-bootx64.efi  # what is started; any program of the firmware's would do
for one in qemu-system-x86_64 sbsign mkfs.vfat mmd openssl; do
  command -v "$one" >/dev/null || { echo "skipped: there is no $one"; exit 77; }
done
for one in $code $template $program; do
  [[ -e $one ]] || { echo "skipped: there is no $one"; exit 77; }
done

bin=${HOLDFAST_BIN:-$PWD/build/bin}
work=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-metal.XXXXXX")
machine=
started=$SECONDS

step() { printf '[%3d s] %s\n' $((SECONDS - started)) "$*"; }
fail() {
  printf '\nnot as it should be: %s\n' "$*" >&2
  tail -c 2000 "$work"/*.log >&2 2>/dev/null || true
  exit 1
}
stop() {
  [[ -z $machine ]] || { kill "$machine" 2>/dev/null || true; wait "$machine" 2>/dev/null || true; }
  machine=
}
clean_up() { stop; rm -rf "$work"; }
trap clean_up EXIT
trap 'exit 130' INT TERM
trap 'fail "a command failed, line $LINENO"' ERR

key() { openssl req -new -x509 -newkey rsa:2048 -sha256 -nodes -days 30 -subj "/CN=$1" -keyout "$work/$1.key" \
  -out "$work/$1.pem" 2>/dev/null; }
sign() { sbsign --key "$work/$1.key" --cert "$work/$1.pem" --output "$work/$2.efi" "$program" 2>/dev/null; }
# disk NAME: the program where firmware looks for one.
disk() {
  truncate -s 40M "$work/$1.img"
  mkfs.vfat -F32 "$work/$1.img" >/dev/null
  mmd -i "$work/$1.img" ::EFI ::EFI/BOOT
  mcopy -i "$work/$1.img" "$work/$1.efi" ::EFI/BOOT/BOOTX64.EFI
}
# boot NAME TEXT: until the console says so.
boot() {
  cp "$work/vars.fd" "$work/$1.vars"
  qemu-system-x86_64 -accel tcg -machine q35,smm=on -cpu max -m 256 -nodefaults -no-user-config -display none -monitor none \
    -serial "file:$work/$1.log" -global driver=cfi.pflash01,property=secure,value=on -global ICH9-LPC.disable_s3=1 \
    -drive "if=pflash,format=raw,unit=0,readonly=on,file=$code" -drive "if=pflash,format=raw,unit=1,file=$work/$1.vars" \
    -drive "if=none,id=disk,format=raw,file=$work/$1.img" -device virtio-blk-pci,drive=disk,bootindex=0 \
    -device virtio-rng-pci >"$work/qemu.log" 2>&1 &
  machine=$!
  local until=$((SECONDS + 60))
  until grep -qa "$2" "$work/$1.log" 2>/dev/null; do
    kill -0 "$machine" 2>/dev/null || fail "$1: the machine ended"
    ((SECONDS < until)) || fail "$1: expected '$2' on the console within a minute"
    sleep 0.2
  done
  stop
}

for one in platform exchange owner somebody; do key $one; done
"$bin/holdfast-image" variables --template "$template" --platform-key "$work/platform.pem" \
  --exchange-key "$work/exchange.pem" --allow "$work/owner.pem" --out "$work/vars.fd"
sign owner good
sign somebody foreign
cp "$program" "$work/unsigned.efi"
cp "$work/good.efi" "$work/changed.efi"
printf 'X' | dd of="$work/changed.efi" bs=1 seek=40000 conv=notrunc 2>/dev/null

step "what db's key signed is signed over the digest that holdfast-image shows"
sbattach --detach "$work/good.sig" "$work/good.efi" 2>/dev/null
shown=$("$bin/holdfast-image" show "$work/good.efi" | sed -n 's/^authenticode sha256: //p')
openssl asn1parse -inform DER -in "$work/good.sig" | grep -qi "$shown" || fail "the signature is over another digest than $shown"

step "signed by the owner: it is started"
disk good
boot good 'Reboot Into Firmware Interface'
for one in unsigned foreign changed; do
  step "$one: it is refused"
  disk $one
  boot $one 'failed to load Boot.*Access Denied'
  ! grep -qa 'Reboot Into Firmware Interface' "$work/$one.log" || fail "$one was started"
done
step "done"
