#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "cli/commands/release_call.h"
#include "cli/release/releases.h"
#include "cli/release/sealing.h"

namespace holdfast::cli::commands {
namespace {

namespace update = trust::update;

Result<std::shared_ptr<ports::Signer>> authority_of(World& world, const Arguments& arguments) {
  auto keys = TRY(owner::keys_of(world, arguments.text("--dir"), release::kFloorKey));
  if (keys.size() == 1) return std::move(keys.front());
  return fail(keys.empty() ? Next::NotFound : Next::Conflict, release::kSealingWrong,
              cat("expected one floor key in ", printable(arguments.text("--dir")), ", saw ", keys.size(),
                  keys.empty() ? " (holdfast release make-key floor)"
                               : "; devices open what they sealed by the words of the one that they began with"));
}

Result<void> show_authority(World& world, const Arguments& arguments) {
  const Format format = TRY(format_of(arguments));
  const auto key = TRY(authority_of(world, arguments));
  show_record(world, format, json::Object{{"authority", to_hex(trust::crypto::sha256(key->public_key()))}});
  return {};
}

Result<std::vector<Digest256>> firmware_keys_in(const Arguments& arguments) {
  std::vector<Digest256> out;
  for (const std::string& one : arguments.texts("--firmware")) {
    const auto value = array_from_hex<32>(one);
    if (!value) return fail(Next::Rejected, kUsageWrong, cat("--firmware: ", value.error().message));
    out.push_back(*value);
  }
  if (!out.empty() && out.size() <= update::kSealBootsMax) return out;
  return fail(Next::Rejected, kUsageWrong,
              cat("expected 1 to ", update::kSealBootsMax, " --firmware, saw ", out.size()));
}

/// Where there is nothing yet, or words that were signed before.
Result<void> put_words(Blob& image, std::int64_t at, Bytes words) {
  const auto end = static_cast<std::int64_t>(image.size());
  if (at > end - std::ssize(words)) {
    return fail(Next::Rejected, release::kSealingWrong,
                cat("expected ", words.size(), " bytes from ", at, " in the image, saw ", end, " bytes of it"));
  }
  const auto part = Bytes(image).subspan(static_cast<std::size_t>(at), words.size());
  if (const auto before = update::parse_seal_words(part); !before) {
    return fail_within(cat("from ", at, " in the image"), before.error());
  }
  std::ranges::copy(words, image.begin() + at);
  return {};
}

Result<void> seal_image(World& world, const Arguments& arguments) {
  const Format format = TRY(format_of(arguments));
  const std::string& file = arguments.text("IMAGE");
  const std::int64_t at = TRY(integer_of(arguments, "--at", 0, trust::tuf::kLengthMax));
  const auto firmware = TRY(firmware_keys_in(arguments));
  const std::string& values_file = arguments.text("--reference-values");
  const Blob text = TRY(world.files.read(values_file, trust::appraisal::kReferenceSetBytesMax));
  const auto values = trust::appraisal::parse_reference_set(text);
  if (!values) return fail_within(printable(values_file), values.error());
  const auto authority = TRY(authority_of(world, arguments));
  auto words = TRY(release::sign_boots(*authority, *values, firmware));
  const auto escrow = TRY(owner::private_keys_of(world, arguments.text("--dir"), release::kEscrowKey));
  if (!escrow.empty()) words.escrow = TRY(release::sign_escrow(*authority, escrow.front().public_key()));
  Blob image = TRY(world.files.read(file, release::kImageBytesMax));
  TRY(put_words(image, at, TRY(update::make_seal_words(words))));
  TRY(world.files.write(file, image, Access::Everyone));
  show_done(
      world, format,
      cat("Boots of ", values->component, " ", values->version, " by ", firmware.size(),
          firmware.size() == 1 ? " firmware" : " firmwares", " open what devices sealed; the passwords of their chips ",
          !escrow.empty() ? "are escrowed to the newest escrow key."
                          : "are escrowed to nobody (holdfast release make-key escrow)."));
  return {};
}

}  // namespace

std::vector<Command> release_seal(World& world) {
  return {
      offline(
          world,
          {.path = "release authority",
           .summary = "show the key whose word tells devices which boots are good, as an image's command line names it",
           .options = {owner_option(), output_option()},
           .examples = "  holdfast release authority --dir owner",
           .run = {}},
          show_authority),
      offline(
          world,
          {.path = "release seal",
           .summary = "sign for a system's boots, so that they open what devices keep sealed; before it is published",
           .options = {{.name = "IMAGE", .value = "FILE", .help = "of the system; changed in place", .required = true},
                       owner_option(),
                       {.name = "--reference-values",
                        .value = "FILE",
                        .help = "of that system (holdfast-image reference-values)",
                        .required = true},
                       {.name = "--firmware",
                        .value = "PCR7",
                        .help = "what a device's firmware measures of its keys, as hex: of a golden device, or "
                                "holdfast-image firmware-keys",
                        .required = true,
                        .repeated = true},
                       {.name = "--at", .value = "BYTE", .help = "where the image has room for it", .required = true},
                       output_option()},
           .examples = "  holdfast release seal os-2.0/image --reference-values os-2.0/reference-values.json \\\n"
                       "    --firmware $(holdfast-image firmware-keys …) --at 8323072 --dir owner",
           .run = {}},
          seal_image)};
}

}  // namespace holdfast::cli::commands
