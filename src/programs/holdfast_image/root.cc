#include <iostream>

#include "base/encoding.h"
#include "base/text.h"
#include "cli/arguments/values.h"
#include "firmware/command_line.h"
#include "linux/system/files.h"
#include "programs/holdfast_image/commands.h"
#include "trust/tuf/targets.h"
#include "trust/update/image.h"
#include "trust/update/seal_words.h"

namespace holdfast::programs::image {
namespace {

constexpr std::size_t kImageBytesMax = 1024UL * 1024 * 1024;
const cli::Option kComponent{.name = "--component", .value = "ID", .help = "component id", .required = true};
const cli::Option kVersion{.name = "--version", .value = "VERSION", .help = "of the system", .required = true};

Result<trust::update::MadeVerity> verity_of(const cli::Arguments& arguments, Bytes image, std::int64_t offset) {
  return trust::update::make_verity(
      image, offset, trust::update::verity_salt(arguments.text("--component"), arguments.text("--version")));
}

/// Of a root that is not in its image yet: what comes before it is as long as it is said to be.
Result<void> print_command_line(const cli::Arguments& arguments) {
  const Blob root = TRY(linux::system::read_file(arguments.text("ROOT"), kImageBytesMax));
  const std::int64_t offset = TRY(cli::integer_of(arguments, "--from", 0, trust::tuf::kLengthMax));
  TRY(trust::update::require_verity_fits(offset + std::ssize(root), offset));
  const auto made = TRY(verity_of(arguments, root, 0));
  const firmware::VerifiedRoot verified{.offset = offset,
                                        .bytes = std::ssize(root),
                                        .tree_offset = offset + std::ssize(root),
                                        .salt = made.verity.salt,
                                        .root = made.verity.root};
  firmware::SystemName system{arguments.text("--component"), arguments.text("--version"), 0};
  system.security_version = TRY(cli::integer_of(arguments, "--security-version", 0, trust::tuf::kVersionMax));
  if (arguments.has("--authority")) {
    const auto authority = array_from_hex<32>(arguments.text("--authority"));
    if (!authority) return fail(Next::Rejected, cli::kUsageWrong, cat("--authority: ", authority.error().message));
    const std::int64_t at = offset - static_cast<std::int64_t>(trust::update::kSealWordsBytes);
    if (at < 0) return fail(Next::Rejected, cli::kUsageWrong, "expected room for words before the root, saw none");
    system.seal = firmware::Seal{at, *authority};
  }
  const std::string line = command_line(verified, system, arguments.text("--place"), arguments.text("--more"));
  if (line.size() >= firmware::kCommandLineBytesMax) {
    return fail(
        Next::Rejected, firmware::kCommandLineMalformed,
        cat("expected a command line of less than ", firmware::kCommandLineBytesMax, " bytes, saw ", line.size()));
  }
  std::cout << line;
  return {};
}

Result<void> write_place(const cli::Arguments& arguments) {
  Blob image = TRY(linux::system::read_file(arguments.text("IMAGE"), kImageBytesMax));
  const std::int64_t offset = TRY(cli::integer_of(arguments, "--from", 0, trust::tuf::kLengthMax));
  const auto made = TRY(verity_of(arguments, image, offset));
  image.insert(image.end(), made.tree.begin(), made.tree.end());
  return linux::system::write_file(arguments.text("--out"), image, linux::system::FileMode::Public);
}

}  // namespace

cli::Command command_line_command() {
  return {.path = "command-line",
          .summary = "print the kernel's command line for a root: where it lies, what verifies it, which version it is",
          .options = {{.name = "ROOT", .value = "ROOT", .help = "the root, an EROFS image", .required = true},
                      {.name = "--from", .value = "BYTE", .help = "where in its image it begins", .required = true},
                      kComponent,
                      kVersion,
                      {.name = "--security-version", .value = "N", .help = "of the system", .required = true},
                      {.name = "--place",
                       .value = "DEVICE",
                       .help = "as the kernel calls the partition",
                       .otherwise = "PARTUUID=loader"},
                      {.name = "--authority",
                       .value = "SHA256",
                       .help = "whose words tell good boots (holdfast release authority); they lie before the root"},
                      {.name = "--more", .value = "WORDS", .help = "what the hardware needs, such as console=ttyS0"}},
          .examples =
              "holdfast-image command-line root.erofs --from 8388608 --component os --version 2.0 \\\n"
              "  --security-version 2 --more console=ttyS0",
          .run = print_command_line};
}

cli::Command place_command() {
  return {.path = "place",
          .summary = "write what a device's place holds: an image and the verity tree behind it",
          .options = {{.name = "IMAGE", .value = "IMAGE", .help = "as it is released", .required = true},
                      {.name = "--from", .value = "BYTE", .help = "where its root begins", .required = true},
                      kComponent,
                      kVersion,
                      {.name = "--out", .value = "FILE", .help = "for the partition", .required = true}},
          .examples = "holdfast-image place os-1.0.image --from 8388608 --component os --version 1.0 --out place",
          .run = write_place};
}

}  // namespace holdfast::programs::image
