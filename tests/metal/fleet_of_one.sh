# Sourced, behind machines.sh: an owner with a service, a golden device whose firmware is the baseline, and one device that is
# healthy on version 1.0, in the group gateway/field. $name is what the service calls it.

device_is() { holdfast device list --catalog acme --verdict "$1" | grep -q -- "$2"; }
names() { holdfast device list --catalog acme | grep -o 'hf-[0-9a-z]\{4\}-[0-9a-z]\{4\}-[0-9a-z]\{4\}-[0-9a-z]\{4\}' | sort -u; }
# board NAME: a device that has never run, with a ticket of its own.
board() {
  holdfast claim create --catalog acme --product gateway --device-group field --out "$work/$1.ticket.json" >>"$work/begin.log"
  os device --dir "$work/$1" --image "$work/os-1.0" --keys "$keys" --ticket "$work/$1.ticket.json" --maker-ca "$work/maker"
  [[ -n ${has_root:-} ]] || holdfast tpm-root add "$work/maker/swtpm-localca-rootca-cert.pem" --catalog acme --owner "$work/owner" \
    >>"$work/begin.log"
  has_root=1
}
# publish VERSION SECURITY_VERSION [OPTION...]
publish() {
  holdfast release publish "$work/os-$1/image" --repository "$work/images" --dir "$work/owner" --kind os --product gateway \
    --hardware virtual-x86-64 --component os --version "$1" --security-version "$2" --verity 8388608 \
    --reference-values "$work/os-$1/reference-values.json" "${@:3}"
}
rollout() { holdfast rollout show "$1" --catalog acme --output json >"$work/rollout.json" && grep -q -- "$2" "$work/rollout.json"; }

step "An owner, and version 1.0 of the system: kernel, root, one signed boot program (the kernel takes ten minutes the first time)"
make_owner >"$work/begin.log"
image 1.0 1 | show

step "A service"
{
  serve --log-requests
  make_catalog
  keep_off_pcr_1
  holdfast reference-values add "$work/os-1.0/reference-values.json" --catalog acme --allow gateway/field
} >>"$work/begin.log" 2>&1

step "A golden device: what its firmware measures is the baseline of its kind"
board golden
machine golden
wait_for 60 device_is update-only "os 1.0" || fail "it did not enrol"
golden=$(names)
holdfast policy baseline --device "$golden" --accept --catalog acme | show

step "Another device: TPM, disk with version 1.0 and a claim ticket, firmware with the owner's keys; it is healthy at once"
board field
machine field
wait_for 60 device_is healthy "os 1.0" || fail "it did not become healthy"
name=$(names | grep -v "$golden")
said field 'the sealed storage is open' || fail "it did not open its sealed storage"
holdfast device list --catalog acme | show
stop golden

{
  publish 1.0 1
  holdfast director appoint --catalog acme --owner "$work/owner"
} >>"$work/begin.log"
