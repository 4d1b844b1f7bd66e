#include <iostream>

#include "base/encoding.h"
#include "base/text.h"
#include "cli/arguments/values.h"
#include "firmware/measurements.h"
#include "linux/system/files.h"
#include "programs/holdfast_image/commands.h"
#include "trust/appraisal/reference_set.h"

namespace holdfast::programs::image {
namespace {

const cli::Option kProgram{.name = "FILE", .value = "FILE", .help = "a PE image", .required = true};

Result<void> show(const cli::Arguments& arguments) {
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

Result<void> print_reference_values(const cli::Arguments& arguments) {
  const std::string& file = arguments.text("FILE");
  const Blob bytes = TRY(linux::system::read_file(file, firmware::kPeImageBytesMax));
  const auto image = firmware::PeImage::parse(bytes);
  if (!image) return fail_within(printable(file), image.error());
  trust::appraisal::ReferenceSet set;
  set.component = arguments.text("--component");
  set.version = arguments.text("--version");
  set.security_version =
      TRY(cli::integer_of(arguments, "--security-version", 0, trust::appraisal::kSecurityVersionMax));
  TRY(trust::appraisal::require_component_name(set.component));
  TRY(trust::appraisal::require_component_version(set.version));
  for (auto& one : TRY(firmware::measurements_of(*image))) {
    set.events.push_back({one.pcr, one.digest, std::move(one.what)});
  }
  std::cout << json::dump_pretty(to_json(set)) << '\n';
  return {};
}

}  // namespace

cli::Command show_command() {
  return {.path = "show",
          .summary = "show a program that firmware starts: the digest that is signed and measured, and its sections",
          .options = {kProgram},
          .examples = "holdfast-image show os.efi",
          .run = show};
}

cli::Command reference_values_command() {
  return {.path = "reference-values",
          .summary = "print what attestation is to see of a boot program, as holdfast release publish takes it",
          .options = {kProgram,
                      {.name = "--component", .value = "ID", .help = "component id", .required = true},
                      {.name = "--version", .value = "VERSION", .help = "of the system", .required = true},
                      {.name = "--security-version", .value = "N", .help = "of the system", .required = true}},
          .examples = "holdfast-image reference-values os.efi --component os --version 2.0 --security-version 2",
          .run = print_reference_values};
}

}  // namespace holdfast::programs::image
