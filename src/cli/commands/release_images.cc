#include <charconv>

#include "base/encoding.h"
#include "base/text.h"
#include "cli/commands/release_call.h"
#include "cli/release/releases.h"
#include "cli/release/tree.h"
#include "trust/appraisal/released_set.h"
#include "trust/crypto/hash.h"
#include "trust/update/configuration.h"

namespace holdfast::cli::commands {
namespace {

namespace update = trust::update;
using cli::owner::Folder;
using cli::release::Repository;

std::unexpected<Error> need_wrong(const std::string& seen) {
  return fail(Next::Rejected, kUsageWrong,
              cat("--needs: expected COMPONENT:FROM or COMPONENT:FROM-TO, saw '", printable(seen, 80), "'"));
}

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (problem != std::errc() || end != text.data() + text.size() || out < 0) return std::nullopt;
  return out;
}

/// `os:2` or `os:2-9`.
Result<update::Need> need_from(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return need_wrong(text);
  const std::string_view range = std::string_view(text).substr(colon + 1);
  const std::size_t dash = range.find('-');
  const auto from = number_in(range.substr(0, dash));
  if (!from) return need_wrong(text);
  update::Need out{text.substr(0, colon), *from, {}};
  if (dash == std::string_view::npos) return out;
  out.to = number_in(range.substr(dash + 1));
  if (!out.to) return need_wrong(text);
  return out;
}

Result<update::Image> image_in(const Arguments& arguments) {
  update::Image out;
  for (const char* name : {"--kind", "--product", "--component", "--version", "--security-version", "--hardware"}) {
    if (!arguments.has(name)) {
      return fail(Next::Rejected, kUsageWrong, cat("expected ", name, " with an image, saw none"));
    }
  }
  out.kind = TRY(update::image_kind_from(arguments.text("--kind")));
  out.product = arguments.text("--product");
  out.hardware = arguments.texts("--hardware");
  out.component = arguments.text("--component");
  out.version = arguments.text("--version");
  out.security_version = TRY(integer_of(arguments, "--security-version", 0, trust::tuf::kVersionMax));
  for (const std::string& need : arguments.texts("--needs")) out.needs.push_back(TRY(need_from(need)));
  if (arguments.has("--close-fallback")) out.close_fallback = TRY(duration_of(arguments, "--close-fallback"));
  if (out.kind != update::ImageKind::Configuration) return out;
  for (const char* name : {"--delta-from", "--sbom-from", "--reference-values", "--verity"}) {
    if (arguments.has(name)) return fail(Next::Rejected, kUsageWrong, cat("expected no ", name, " with settings"));
  }
  return out;
}

/// As the service will judge them.
Result<Blob> reference_values_in(World& world, const std::string& file, const update::Image& image) {
  Blob text = TRY(world.files.read(file, trust::appraisal::kReferenceSetBytesMax));
  const auto set = trust::appraisal::parse_released_set(
      text, {{image.component, image.version}, image.security_version, image.kind == update::ImageKind::Os});
  if (!set) return fail_within(printable(file), set.error());
  return text;
}

Result<release::Release> release_in(World& world, const Arguments& arguments) {
  release::Release out;
  out.image = TRY(image_in(arguments));
  out.content = TRY(world.files.read(arguments.text("IMAGE"), release::kImageBytesMax));
  out.deltas_from = arguments.texts("--delta-from");
  if (arguments.has("--verity")) {
    out.verity_from = TRY(integer_of(arguments, "--verity", 0, trust::tuf::kLengthMax));
  }
  if (arguments.has("--sbom-from")) {
    auto described = TRY(release::describe_tree(world.files, arguments.text("--sbom-from"), out.image));
    out.sbom = std::move(described.sbom);
    if (!described.build_ids.empty()) out.build_ids = std::move(described.build_ids);
  }
  if (arguments.has("--reference-values")) {
    out.reference_values = TRY(reference_values_in(world, arguments.text("--reference-values"), out.image));
  }
  return out;
}

constexpr std::string_view kNoFloorKey =
    "Devices' floors rise to it on their disks alone, not in their vaults: there is no floor key in the folder "
    "(holdfast release make-key floor).\n";

/// `, or a delta of 17 bytes`
std::string words_for(const std::vector<update::Delta>& deltas) {
  std::string out;
  for (const update::Delta& one : deltas) out += cat(", or a delta of ", one.length);
  return out;
}

Result<void> publish_image(World& world, const Arguments& arguments) {
  Desk desk = TRY(desk_of(world, arguments, arguments.has("IMAGE")));
  std::string done = "What is there";
  std::string_view note;
  if (arguments.has("IMAGE")) {
    release::Release one = TRY(release_in(world, arguments));
    one.floor_authority = TRY(owner::newest_key(world, desk.owner.path(), release::kFloorKey));
    if (!one.floor_authority) note = kNoFloorKey;
    done = cat(one.image.component, " ", one.image.version, " (", one.content.size(), " bytes");
    const auto manifest = TRY(release::add(world.files, desk.repository, desk.role, std::move(one)));
    done += cat(words_for(manifest.deltas), ")");
  }
  TRY(publish(world, desk, done));
  if (desk.format == Format::Table) world.print(note);
  return {};
}

void put_attachment(json::Object& out, std::string_view name, const std::optional<update::Attachment>& attachment) {
  if (attachment) out.emplace_back(name, cat(to_hex(attachment->sha256), " (", attachment->length, " bytes)"));
}

/// What a version's manifest names beside the image.
Result<Blob> part_of(World& world, const Repository& repository, const release::Listed& listed,
                     const std::string& part) {
  const auto manifest = TRY(repository.manifest_of(world.files, listed));
  const std::optional<update::Attachment>* attachment = part == release::kSbomPart ? &manifest.sbom
                                                        : part == release::kReferenceValuesPart
                                                            ? &manifest.reference_values
                                                        : part == release::kBuildIdsPart ? &manifest.build_ids
                                                                                         : nullptr;
  if (attachment == nullptr) {
    return fail(Next::Rejected, kUsageWrong,
                cat("expected --part sbom, reference-values or build-ids, saw '", printable(part, 40), "'"));
  }
  if (!*attachment) {
    return fail(Next::NotFound, release::kUnreleased,
                cat("expected ", part, " of ", listed.image.component, " ", listed.image.version, ", saw none"));
  }
  return release::read_content(world.files, repository.path(), release::part_path(listed.image, part),
                               (*attachment)->sha256, release::kPartBytesMax);
}

/// What a configuration says of itself.
Result<void> add_configuration(World& world, const Repository& repository, const release::Listed& listed,
                               json::Object& out) {
  if (listed.image.kind != update::ImageKind::Configuration) return {};
  const std::string path = update::image_path(listed.image.component, listed.image.version);
  const Blob document = TRY(repository.read(world.files, path, update::kConfigurationBytesMax));
  const auto configuration = TRY(update::parse_configuration(listed.image.component, document));
  out.emplace_back("application", configuration.application);
  json::Array devices;
  for (const auto& [device, different] : configuration.devices) devices.emplace_back(device);
  out.emplace_back("different_on", std::move(devices));
  return {};
}

Result<void> show(World& world, const Arguments& arguments) {
  const Format format = TRY(format_of(arguments));
  const Folder owner = TRY(Folder::open(world.files, arguments.text("--dir")));
  const Repository repository = TRY(Repository::open(world.files, owner, arguments.text("--repository")));
  const auto found =
      repository.images().find(update::image_path(arguments.text("COMPONENT"), arguments.text("VERSION")));
  if (found == repository.images().end()) {
    return fail(Next::NotFound, release::kUnreleased,
                cat("expected a version that is in the repository, saw ", printable(arguments.text("COMPONENT")), " ",
                    printable(arguments.text("VERSION"))));
  }
  const release::Listed& listed = found->second;
  if (arguments.has("--part")) {
    const Blob part = TRY(part_of(world, repository, listed, arguments.text("--part")));
    world.print(as_text(part));
    return {};
  }
  const auto manifest = TRY(repository.manifest_of(world.files, listed));
  json::Value record = record_of(listed);
  json::Object& out = *record.object();
  out.emplace_back("sha256", to_hex(*listed.target.hashes.sha256));
  const auto& floor = listed.image.floor;
  out.emplace_back("floor_authority", floor ? to_hex(trust::crypto::sha256(floor->authority)) : std::string("none"));
  TRY(add_configuration(world, repository, listed, out));
  if (const auto& verity = listed.image.verity) {
    out.emplace_back("verity_root", to_hex(verity->root));
    out.emplace_back("verity_salt", to_hex(verity->salt));
    out.emplace_back("verity_from", verity->data_offset);
  }
  json::Array deltas;
  for (const update::Delta& one : manifest.deltas) {
    deltas.emplace_back(cat(one.length, " bytes from ", to_hex(one.from)));
  }
  out.emplace_back("deltas", std::move(deltas));
  put_attachment(out, "sbom", manifest.sbom);
  put_attachment(out, "reference_values", manifest.reference_values);
  put_attachment(out, "build_ids", manifest.build_ids);
  show_record(world, format, record);
  return {};
}

Command publish_command(World& world) {
  return offline(
      world,
      {.path = "release publish",
       .summary = "add an image to the repository and sign all of it; without an image: sign it anew",
       .options = {{.name = "IMAGE", .value = "FILE", .help = "what the device is to have"},
                   repository_option(),
                   owner_option(),
                   role_option(),
                   {.name = "--kind", .value = "WORD", .help = "os, application, real-time or configuration"},
                   {.name = "--product", .value = "NAME", .help = "of the devices that it is for"},
                   {.name = "--hardware", .value = "NAME", .help = "of these devices", .repeated = true},
                   {.name = "--component", .value = "NAME", .help = "what it is a version of"},
                   {.name = "--version", .value = "TEXT", .help = "each once: a release is never replaced"},
                   {.name = "--security-version", .value = "N", .help = "what the component's floor is compared with"},
                   {.name = "--delta-from",
                    .value = "VERSION",
                    .help = "a released version of it, from which a delta is made",
                    .repeated = true},
                   {.name = "--needs",
                    .value = "NEED",
                    .help = "a component that must run beside it, with its security versions: os:2 or os:2-9",
                    .repeated = true},
                   {.name = "--close-fallback",
                    .value = "TIME",
                    .help = "devices that kept it so long ago, and are healthy, take nothing older any more"},
                   {.name = "--verity",
                    .value = "BYTE",
                    .help = "from there to its end it is a root that Linux verifies: a device makes the tree"},
                   {.name = "--sbom-from",
                    .value = "DIR",
                    .help = "the tree that it was made of: packages, files and build ids are recorded"},
                   {.name = "--reference-values",
                    .value = "FILE",
                    .help = "what attestation is to see of it, as reference-values add takes it"},
                   life_option(),
                   output_option()},
       .examples =
           "  holdfast release publish door.erofs --repository images --dir owner --kind application \\\n"
           "    --product gateway --hardware x86-64-board --component door-control --version 1.4.0 \\\n"
           "    --security-version 3 --needs os:2\n"
           "  holdfast release publish root-2.erofs --repository images --dir owner --kind os --product gateway \\\n"
           "    --hardware x86-64-board --component os --version 2.0 --security-version 4 --delta-from 1.0 --verity "
           "0\n"
           "  holdfast release publish door.json --repository images --dir owner --kind configuration \\\n"
           "    --product gateway --hardware x86-64-board --component door-control-settings --version 7 \\\n"
           "    --security-version 1 --needs door-control:3\n"
           "  holdfast release publish --repository images --dir owner",
       .run = {}},
      publish_image);
}

Command show_command(World& world) {
  return offline(
      world,
      {.path = "release show",
       .summary = "verify a repository and show what is said of a version",
       .options = {{.name = "COMPONENT", .value = "NAME", .help = "what it is a version of", .required = true},
                   {.name = "VERSION", .value = "TEXT", .help = "as it was published", .required = true},
                   repository_option(),
                   owner_option(),
                   {.name = "--part", .value = "WORD", .help = "print its sbom, reference-values or build-ids instead"},
                   output_option()},
       .examples = "  holdfast release show os 2.0 --repository images --dir owner\n"
                   "  holdfast release show os 2.0 --part sbom --repository images --dir owner >os-2.0.cdx.json",
       .run = {}},
      show);
}

}  // namespace

json::Value record_of(const release::Listed& listed) {
  json::Array hardware;
  for (const std::string& one : listed.image.hardware) hardware.emplace_back(one);
  return json::Object{{"component", listed.image.component},
                      {"version", listed.image.version},
                      {"security_version", listed.image.security_version},
                      {"kind", update::name_of(listed.image.kind)},
                      {"product", listed.image.product},
                      {"hardware", std::move(hardware)},
                      {"bytes", listed.target.length},
                      {"signed_by", listed.role}};
}

std::vector<Command> release_images(World& world) { return {publish_command(world), show_command(world)}; }

}  // namespace holdfast::cli::commands
