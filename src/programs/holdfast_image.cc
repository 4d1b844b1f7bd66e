// holdfast-image: the parts of a device's image that firmware reads, for whoever builds devices.
#include <iostream>

#include "base/encoding.h"
#include "base/text.h"
#include "cli/arguments/command.h"
#include "firmware/pe_image.h"
#include "firmware/variable_store.h"
#include "linux/system/clock.h"
#include "linux/system/files.h"
#include "trust/x509/pem.h"

namespace {

using namespace holdfast;
using cli::Arguments;
using cli::Command;

constexpr std::size_t kCertificateBytesMax = 64 * 1024;

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

Result<void> write_variables(const Arguments& arguments) {
  const Blob empty = TRY(linux::system::read_file(arguments.text("--template"), firmware::kVariableStoreBytesMax));
  auto store = TRY(firmware::VariableStore::open(empty));
  firmware::SecureBootKeys keys;
  keys.platform = TRY(certificates_in(arguments.texts("--platform-key")));
  keys.key_exchange = TRY(certificates_in(arguments.texts("--exchange-key")));
  keys.allowed = TRY(certificates_in(arguments.texts("--allow")));
  TRY(firmware::enroll(store, keys, kOwner, linux::system::SystemClock().wall_time()));
  return linux::system::write_file(arguments.text("--out"), store.image(), linux::system::FileMode::Public);
}

Result<void> show_program(const Arguments& arguments) {
  const std::string& file = arguments.text("FILE");
  const Blob bytes = TRY(linux::system::read_file(file, firmware::kPeImageBytesMax));
  const auto image = firmware::PeImage::parse(bytes);
  if (!image) return fail_within(printable(file), image.error());
  std::cout << "authenticode sha256: " << to_hex(image->authenticode_sha256()) << '\n';
  for (const auto& section : image->sections()) {
    std::cout << printable(section.name) << ": " << section.contents.size() << " bytes\n";
  }
  return {};
}

std::vector<Command> commands() {
  return {{.path = "variables",
           .summary = "write a firmware's variables with the keys that Secure Boot goes by in force",
           .options = {{.name = "--template",
                        .value = "FILE",
                        .help = "an empty variable store, such as OVMF_VARS_4M.fd",
                        .required = true},
                       {.name = "--platform-key",
                        .value = "FILE",
                        .help = "certificate (PEM) of the key that may change the others",
                        .required = true,
                        .repeated = true},
                       {.name = "--exchange-key",
                        .value = "FILE",
                        .help = "certificate of a key that may allow and forbid",
                        .required = true,
                        .repeated = true},
                       {.name = "--allow",
                        .value = "FILE",
                        .help = "certificate of a key whose programs are started",
                        .required = true,
                        .repeated = true},
                       {.name = "--out", .value = "FILE", .help = "the variable store", .required = true}},
           .examples = "holdfast-image variables --template /usr/share/OVMF/OVMF_VARS_4M.fd --platform-key pk.pem \\\n"
                       "  --exchange-key kek.pem --allow db.pem --out vars.fd",
           .run = write_variables},
          {.path = "show",
           .summary = "show a program that firmware starts: the digest that is signed and measured, and its sections",
           .options = {{.name = "FILE", .value = "FILE", .help = "a PE image", .required = true}},
           .examples = "holdfast-image show os.efi",
           .run = show_program}};
}

}  // namespace

int main(int argc, char** argv) {
  const cli::Program program{.name = "holdfast-image",
                             .summary = "The parts of a device's image that firmware reads.",
                             .footer = "",
                             .commands = commands()};
  return cli::run_program(program, argc, argv);
}
