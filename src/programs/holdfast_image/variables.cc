#include <charconv>
#include <iostream>

#include "base/encoding.h"
#include "base/text.h"
#include "firmware/boot_option.h"
#include "firmware/measured_keys.h"
#include "firmware/variable_store.h"
#include "linux/system/clock.h"
#include "linux/system/files.h"
#include "programs/holdfast_image/commands.h"
#include "trust/x509/pem.h"

namespace holdfast::programs::image {
namespace {

constexpr std::size_t kCertificateBytesMax = 64 * 1024;
constexpr std::string_view kBootProgram = "\\HOLDFAST.EFI";

/// What signatures are listed under; any GUID of ours does.
constexpr firmware::Guid kOwner = firmware::guid("5f6a1c0e-2b0d-4c53-9f0e-8d1b7a6e4c21");

Result<std::vector<Blob>> certificates_in(const std::vector<std::string>& files) {
  std::vector<Blob> out;
  for (const std::string& file : files) {
    const Blob text = TRY(linux::system::read_file(file, kCertificateBytesMax));
    auto blocks = trust::x509::pem_blocks(as_text(text), "CERTIFICATE");
    if (!blocks) return fail_within(printable(file), blocks.error());
    for (Blob& one : *blocks) out.push_back(std::move(one));
  }
  return out;
}

Result<std::uint64_t> number_in(std::string_view digits) {
  std::uint64_t out = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (problem == std::errc() && end == digits.data() + digits.size()) return out;
  return fail(Next::Rejected, cli::kUsageWrong, cat("expected a whole number, saw '", printable(digits), "'"));
}

/// `NUMBER:BEGIN:BLOCKS:GUID`.
Result<firmware::Partition> partition_in(const std::string& text) {
  const auto parts = split(text, ':');
  const auto id = parts.size() == 4 ? firmware::parse_guid(parts[3]) : std::nullopt;
  if (!id) {
    return fail(Next::Rejected, cli::kUsageWrong,
                cat("expected a partition as NUMBER:BEGIN:BLOCKS:GUID, saw '", printable(text), "'"));
  }
  firmware::Partition out;
  out.number = static_cast<std::uint32_t>(TRY(number_in(parts[0])));
  out.begin = TRY(number_in(parts[1]));
  out.blocks = TRY(number_in(parts[2]));
  out.id = *id;
  return out;
}

/// Two places, of which the first is confirmed.
Result<void> add_boot_options(firmware::VariableStore& store, const std::vector<std::string>& places) {
  constexpr std::uint16_t kNumbers[] = {firmware::kBootPlaceA, firmware::kBootPlaceB};
  constexpr std::uint32_t kAttributes = firmware::kNonVolatile | firmware::kBootServices | firmware::kRuntime;
  if (places.empty()) return {};
  if (places.size() != std::size(kNumbers)) {
    return fail(Next::Rejected, cli::kUsageWrong, cat("expected two places, saw ", places.size()));
  }
  for (std::size_t at = 0; at < places.size(); ++at) {
    const auto partition = TRY(partition_in(places[at]));
    TRY(store.set({firmware::kGlobalVariable, firmware::boot_option_name(kNumbers[at]), kAttributes,
                   firmware::boot_option(at == 0 ? "place A" : "place B", partition, kBootProgram)}));
  }
  return store.set({firmware::kGlobalVariable, "BootOrder", kAttributes, firmware::boot_numbers(kNumbers)});
}

Result<firmware::SecureBootKeys> keys_in(const cli::Arguments& arguments) {
  firmware::SecureBootKeys out;
  out.platform = TRY(certificates_in(arguments.texts("--platform-key")));
  out.key_exchange = TRY(certificates_in(arguments.texts("--exchange-key")));
  out.allowed = TRY(certificates_in(arguments.texts("--allow")));
  return out;
}

Result<void> print_keys(const cli::Arguments& arguments) {
  const auto keys = TRY(keys_in(arguments));
  if (keys.allowed.empty()) return fail(Next::Rejected, cli::kUsageWrong, "expected a certificate to allow, saw none");
  std::cout << to_hex(firmware::measured_keys(keys, kOwner)) << '\n';
  return {};
}

Result<void> write_variables(const cli::Arguments& arguments) {
  const Blob empty = TRY(linux::system::read_file(arguments.text("--template"), firmware::kVariableStoreBytesMax));
  auto store = TRY(firmware::VariableStore::open(empty));
  TRY(firmware::enroll(store, TRY(keys_in(arguments)), kOwner, linux::system::SystemClock().wall_time()));
  TRY(add_boot_options(store, arguments.texts("--place")));
  return linux::system::write_file(arguments.text("--out"), store.image(), linux::system::FileMode::Public);
}

const cli::Option kPlatformKey{.name = "--platform-key",
                               .value = "FILE",
                               .help = "certificate (PEM) of the key that may change the others",
                               .required = true,
                               .repeated = true};
const cli::Option kExchangeKey{.name = "--exchange-key",
                               .value = "FILE",
                               .help = "certificate of a key that may allow and forbid",
                               .required = true,
                               .repeated = true};
const cli::Option kAllow{.name = "--allow",
                         .value = "FILE",
                         .help = "certificate of a key whose programs are started, the boot program's first",
                         .required = true,
                         .repeated = true};

}  // namespace

cli::Command firmware_keys_command() {
  return {
      .path = "firmware-keys",
      .summary = "print what a firmware with these keys measures of them (PCR 7), as holdfast release seal takes it",
      .options = {kPlatformKey, kExchangeKey, kAllow},
      .examples = "holdfast-image firmware-keys --platform-key pk.pem --exchange-key kek.pem --allow db.pem",
      .run = print_keys};
}

cli::Command variables_command() {
  return {.path = "variables",
          .summary = "write a firmware's variables with the keys that Secure Boot goes by in force",
          .options = {{.name = "--template",
                       .value = "FILE",
                       .help = "an empty variable store, such as OVMF_VARS_4M.fd",
                       .required = true},
                      kPlatformKey,
                      kExchangeKey,
                      kAllow,
                      {.name = "--place",
                       .value = "NUMBER:BEGIN:BLOCKS:GUID",
                       .help = "a partition of the disk that HOLDFAST.EFI is started from: place A, then place B",
                       .repeated = true},
                      {.name = "--out", .value = "FILE", .help = "the variable store", .required = true}},
          .examples =
              "holdfast-image variables --template /usr/share/OVMF/OVMF_VARS_4M.fd --platform-key pk.pem \\\n"
              "  --exchange-key kek.pem --allow db.pem --out vars.fd",
          .run = write_variables};
}

}  // namespace holdfast::programs::image
