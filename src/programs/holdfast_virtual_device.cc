// holdfast-virtual-device: a device as a folder and a process, for demonstrations and tests. Its TPM is swtpm; its
// firmware is this program, which measures the boot that it is given.
#include <charconv>
#include <iostream>

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
#include "cli/arguments/command.h"
#include "linux/slots/file_slots.h"
#include "linux/system/files.h"
#include "linux/tpm/tpm_vault.h"
#include "linux/virtual_device/firmware.h"
#include "linux/virtual_device/virtual_device.h"
#include "trust/eventlog/log.h"
#include "trust/tpm/public_area.h"

namespace {

using namespace holdfast;
using cli::Arguments;
using cli::Command;
using cli::Option;
using linux::slots::FileSlots;
using linux::virtual_device::BootImage;
using linux::virtual_device::TpmMaker;
using linux::virtual_device::VirtualDevice;

constexpr Reason kBootFailed{"boot-failed"};
constexpr Reason kNoCertificate{"no-certificate"};
constexpr Reason kPasswordsMalformed{"passwords-malformed"};
constexpr std::size_t kPlaceBytes = 128 * 1024;
constexpr std::size_t kPasswordsBytes = 1024;

const Option kDirectory{.name = "--dir", .value = "DIR", .help = "the device's folder", .required = true};

void say(std::string_view label, std::string_view value) { std::cout << label << ": " << value << '\n'; }

/// An image may fill a place with zeros.
Result<BootImage> read_image(const std::string& file) {
  auto text = linux::system::read_file(file, linux::virtual_device::kBootImageBytesMax);
  if (!text) return std::unexpected(text.error());
  while (!text->empty() && text->back() == 0) text->pop_back();
  auto image = linux::virtual_device::parse_boot_image(*text);
  if (!image) return fail_within(printable(file), image.error());
  return image;
}

Result<void> manufacture(const Arguments& arguments) {
  const std::filesystem::path directory = arguments.text("--dir");
  const std::string& given = arguments.text("--maker-ca");
  const TpmMaker maker = TRY(TpmMaker::at(given.empty() ? directory / "maker-ca" : std::filesystem::path(given)));
  const std::string& name = arguments.text("--name");
  VirtualDevice device =
      TRY(VirtualDevice::manufacture(directory, maker, name.empty() ? directory.filename().string() : name));
  say("tpm", device.swtpm().connection_string());
  say("disk", device.disk().string());
  say("boot files", device.boot_files().string());
  say("maker root", maker.root_certificate().string());
  return {};
}

Result<void> power_on(const Arguments& arguments) {
  VirtualDevice device = TRY(VirtualDevice::open(arguments.text("--dir")));
  TRY(device.swtpm().power_on());
  say("tpm", device.swtpm().connection_string());
  return {};
}

Result<void> power_off(const Arguments& arguments) {
  return TRY(VirtualDevice::open(arguments.text("--dir"))).swtpm().power_off();
}

/// What the line's end asks of a chip: that it holds the key of its certificate, and which one that is.
Result<void> show_endorsement(const Arguments& arguments) {
  VirtualDevice device = TRY(VirtualDevice::open(arguments.text("--dir")));
  TRY(device.swtpm().power_on());
  linux::tpm::TpmVault vault(device.swtpm().connection_string());
  const auto key = vault.endorsement_key();
  vault.release();
  TRY(device.swtpm().power_off());
  if (!key) return std::unexpected(key.error());
  if (!key->certificate) return fail(Next::NotFound, kNoCertificate, "expected an endorsement certificate, saw none");
  const auto area = TRY(trust::tpm::parse_public_area(key->public_area));
  TRY(linux::system::write_file(arguments.text("--certificate"), *key->certificate, linux::system::FileMode::Public));
  say("endorsement key", to_hex(area.key.spki_sha256()));
  return {};
}

Result<void> install(const Arguments& arguments) {
  const VirtualDevice device = TRY(VirtualDevice::open(arguments.text("--dir")));
  const Blob image = TRY(linux::system::read_file(arguments.text("--image"), kPlaceBytes));
  return FileSlots::lay(
      device.places(), arguments.text("--component"), image,
      {.capacity = static_cast<std::int64_t>(kPlaceBytes), .needs_boot = !arguments.has("--application")});
}

/// As a boot loader does it: what is armed is tried once. Firmware runs whatever comes of it.
Result<void> boot_installed(VirtualDevice& device, const std::string& component) {
  auto slots =
      TRY(FileSlots::open(device.places(), device.next_boot(), [](auto, const auto&) { return Result<void>{}; }));
  const auto file = TRY(slots.image(component));
  std::cout << "starts " << file.string() << '\n';
  auto image = read_image(file);
  if (image) return device.boot({*std::move(image)});
  TRY(device.boot({}));
  return fail(Next::Rejected, kBootFailed, cat("expected an image that starts, saw: ", image.error().message));
}

Result<void> boot(const Arguments& arguments) {
  VirtualDevice device = TRY(VirtualDevice::open(arguments.text("--dir")));
  if (arguments.has("--installed")) return boot_installed(device, arguments.text("--installed"));
  std::vector<BootImage> images;
  for (const std::string& file : arguments.texts("--image")) images.push_back(TRY(read_image(file)));
  if (arguments.has("--tamper")) {
    if (images.empty()) return fail(Next::Rejected, cli::kUsageWrong, "expected an --image to tamper with, saw none");
    linux::virtual_device::tamper_with(images.back());
  }
  return device.boot(images);
}

Result<void> replay_log(const Arguments& arguments) {
  VirtualDevice device = TRY(VirtualDevice::open(arguments.text("--dir")));
  return device.replay(TRY(linux::system::read_file(arguments.text("--log"), trust::eventlog::kLogBytesMax)));
}

Result<void> print_reference_values(const Arguments& arguments) {
  const std::string& file = arguments.text("--image");
  if (file.empty() == !arguments.has("--firmware")) {
    return fail(Next::Rejected, cli::kUsageWrong, "expected one of --image and --firmware");
  }
  const auto set = file.empty() ? linux::virtual_device::firmware_reference_values()
                                : linux::virtual_device::reference_values(TRY(read_image(file)));
  std::cout << json::dump_pretty(to_json(set)) << '\n';
  return {};
}

Result<void> print_image(const Arguments& arguments) {
  const std::string& component = arguments.text("--component");
  const std::string& version = arguments.text("--version");
  TRY(trust::appraisal::require_component_name(component));
  TRY(trust::appraisal::require_component_version(version));
  std::int64_t security_version = 0;
  const std::string& digits = arguments.text("--security-version");
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), security_version);
  if (error != std::errc() || end != digits.data() + digits.size() || security_version < 0) {
    return fail(Next::Rejected, cli::kUsageWrong,
                "expected a whole number as security version, saw " + printable(digits));
  }
  const BootImage image =
      linux::virtual_device::kernel_image({component, version}, security_version, arguments.text("--cmdline"));
  std::cout << json::dump_pretty(to_json(image)) << '\n';
  return {};
}

/// As `holdfast device passwords` writes them.
Result<Secret> lockout_in(const std::string& file) {
  constexpr std::string_view kHex = "hex:";
  const Secret text = TRY(linux::system::read_secret_file(file, kPasswordsBytes));
  const auto value = TRY(json::parse(text.expose()));
  auto fields = TRY(json::Fields::of(value, "passwords"));
  const std::string lockout = TRY(fields.text("lockout", kPasswordsBytes));
  if (lockout.starts_with(kHex)) return Secret(TRY(from_hex(std::string_view(lockout).substr(kHex.size()))));
  return fail(Next::Rejected, kPasswordsMalformed, "expected a password as hex:…, saw another form");
}

Result<void> clear(const Arguments& arguments) {
  VirtualDevice device = TRY(VirtualDevice::open(arguments.text("--dir")));
  if (!arguments.has("--passwords")) return device.clear();
  return device.clear(TRY(lockout_in(arguments.text("--passwords"))).expose());
}

Result<void> copy_disk(const Arguments& arguments) {
  const VirtualDevice from = TRY(VirtualDevice::open(arguments.text("--from")));
  return TRY(VirtualDevice::open(arguments.text("--to"))).copy_disk_from(from);
}

std::vector<Command> life() {
  return {
      {.path = "manufacture",
       .summary = "make a device: a TPM with an endorsement certificate from a TPM maker's CA, and an empty disk",
       .options = {kDirectory,
                   {.name = "--maker-ca",
                    .value = "DIR",
                    .help = "the maker's folder, made at its first use; several "
                            "devices may share it (default: in the device's)"},
                   {.name = "--name",
                    .value = "NAME",
                    .help = "what its certificate calls it (default: its folder's name)"}},
       .examples = "holdfast-virtual-device manufacture --dir d1 --maker-ca maker\n"
                   "holdfast tpm-root add maker/swtpm-localca-rootca-cert.pem",
       .run = manufacture},
      {.path = "power-on",
       .summary = "start the TPM without booting anything",
       .options = {kDirectory},
       .examples = "holdfast-virtual-device power-on --dir d1",
       .run = power_on},
      {.path = "power-off",
       .summary = "shut the TPM down and end its process; also when it is off",
       .options = {kDirectory},
       .examples = "holdfast-virtual-device power-off --dir d1",
       .run = power_off},
      {.path = "endorsement",
       .summary =
           "print which endorsement key the chip holds, and write its certificate; it is switched off afterwards",
       .options = {kDirectory, {.name = "--certificate", .value = "FILE", .help = "for it, DER", .required = true}},
       .examples = "holdfast-virtual-device endorsement --dir d1 --certificate d1/ek.der",
       .run = show_endorsement},
      {.path = "clear",
       .summary = "TPM2_Clear: every key dies but the endorsement key",
       .options = {kDirectory,
                   {.name = "--passwords",
                    .value = "FILE",
                    .help = "the chip's, where it has some, as holdfast device passwords writes them"}},
       .examples = "holdfast-virtual-device clear --dir d1",
       .run = clear},
      {.path = "copy-disk",
       .summary = "replace a device's disk by a copy of another's, as a thief would",
       .options = {{.name = "--from", .value = "DIR", .help = "the device that is copied", .required = true},
                   {.name = "--to", .value = "DIR", .help = "the device that gets the copy", .required = true}},
       .examples = "holdfast-virtual-device copy-disk --from d1 --to d2",
       .run = copy_disk},
  };
}

std::vector<Command> boots() {
  return {
      {.path = "install",
       .summary = "give a device two places for a component, an image in the first; updates take the other",
       .options = {kDirectory,
                   {.name = "--component", .value = "ID", .help = "component id", .required = true},
                   {.name = "--image", .value = "FILE", .help = "a boot image, or an application's", .required = true},
                   {.name = "--application", .value = "", .help = "it starts without a boot"}},
       .examples = "holdfast-virtual-device install --dir d1 --component os --image os-1.0.0.json\n"
                   "holdfast-virtual-device boot --dir d1 --installed os",
       .run = install},
      {.path = "boot",
       .summary = "power-cycle, then measure firmware and images into the TPM and leave event log and boot facts",
       .options = {kDirectory,
                   {.name = "--image", .value = "FILE", .help = "an image to start, in this order", .repeated = true},
                   {.name = "--installed",
                    .value = "COMPONENT",
                    .help = "start what is installed: what is armed, once, else what is confirmed"},
                   {.name = "--tamper", .value = "", .help = "change one event of the last image: its command line"}},
       .examples = "holdfast-virtual-device boot --dir d1 --image os-1.0.0.json\n"
                   "holdfast-virtual-device boot --dir d1 --image os-1.0.0.json --tamper",
       .run = boot},
      {.path = "replay-log",
       .summary = "power-cycle, then measure the SHA-256 digests of a real machine's event log",
       .options = {kDirectory,
                   {.name = "--log", .value = "FILE", .help = "a crypto-agile TCG event log", .required = true}},
       .examples = "holdfast-virtual-device replay-log --dir d1 --log binary_bios_measurements",
       .run = replay_log},
      {.path = "image",
       .summary = "print a boot image: what a unified kernel image of these facts would have measured",
       .options = {{.name = "--component", .value = "ID", .help = "component id", .required = true},
                   {.name = "--version", .value = "VERSION", .help = "its version", .required = true},
                   {.name = "--security-version", .value = "N", .help = "its security version", .otherwise = "1"},
                   {.name = "--cmdline",
                    .value = "TEXT",
                    .help = "the kernel's command line",
                    .otherwise = "root=/dev/dm-0 ro lockdown=confidentiality panic=-1"}},
       .examples = "holdfast-virtual-device image --component os --version 1.0.0 > os-1.0.0.json",
       .run = print_image},
      {.path = "reference-values",
       .summary = "print the reference values of an image, or of this program's firmware",
       .options = {{.name = "--image", .value = "FILE", .help = "a boot image"},
                   {.name = "--firmware", .value = "", .help = "the firmware, as a baseline"}},
       .examples = "holdfast-virtual-device reference-values --image os-1.0.0.json > os-1.0.0.reference.json\n"
                   "holdfast-virtual-device reference-values --firmware > firmware.reference.json",
       .run = print_reference_values},
  };
}

}  // namespace

int main(int argc, char** argv) {
  cli::Program program{.name = "holdfast-virtual-device",
                       .summary = "A device in a folder: swtpm for its TPM, a measured boot, a disk.",
                       .footer = "The agent runs with the TPM, the disk and the boot files that manufacture prints.",
                       .commands = life()};
  for (Command& command : boots()) program.commands.push_back(std::move(command));
  return cli::run_program(program, argc, argv);
}
