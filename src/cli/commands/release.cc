#include <charconv>

#include "base/text.h"
#include "cli/commands/call.h"
#include "cli/commands/holdfast.h"
#include "cli/release/repository.h"
#include "cli/release/upload.h"

namespace holdfast::cli::commands {
namespace {

namespace update = trust::update;
using cli::owner::Folder;
using cli::release::Repository;

const Option kOwner{.name = "--dir", .value = "DIR", .help = "the owner's folder", .required = true};
const Option kRepository{
    .name = "--repository", .value = "DIR", .help = "the folder of the image repository", .required = true};
const Option kLife{
    .name = "--life", .value = "TIME", .help = "how long what is published is valid", .otherwise = "365d"};

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
  return out;
}

/// `, or a delta of 17 bytes`
std::string words_for(const std::vector<update::Delta>& deltas) {
  std::string out;
  for (const update::Delta& one : deltas) out += cat(", or a delta of ", one.length);
  return out;
}

Result<void> init(World& world, const Arguments& arguments) {
  const Format format = TRY(format_of(arguments));
  const Folder owner = TRY(Folder::open(world.files, arguments.text("--dir")));
  const std::string& path = arguments.text("--repository");
  TRY(Repository::make(world, owner, path, TRY(duration_of(arguments, "--life"))));
  show_done(world, format, cat("The image repository in ", printable(path), " is ready and empty."));
  return {};
}

Result<void> publish(World& world, const Arguments& arguments) {
  const Format format = TRY(format_of(arguments));
  const Folder owner = TRY(Folder::open(world.files, arguments.text("--dir")));
  Repository repository = TRY(Repository::open(world.files, owner, arguments.text("--repository")));
  std::string done = "Nothing was added; what is there";
  if (arguments.has("IMAGE")) {
    const update::Image image = TRY(image_in(arguments));
    const Blob content = TRY(world.files.read(arguments.text("IMAGE"), cli::release::kImageBytesMax));
    const auto deltas = TRY(repository.add(world.files, image, content, arguments.texts("--delta-from")));
    done = cat(image.component, " ", image.version, " (", content.size(), " bytes", words_for(deltas), ")");
  }
  TRY(repository.publish(world, owner, TRY(duration_of(arguments, "--life"))));
  show_done(world, format, cat(done, " is published, valid until ", to_rfc3339(repository.expires()), "."));
  return {};
}

json::Value record_of(const Repository& repository, const std::string& path, const update::Image& image) {
  json::Array hardware;
  for (const std::string& one : image.hardware) hardware.emplace_back(one);
  return json::Object{
      {"component", image.component},        {"version", image.version}, {"security_version", image.security_version},
      {"kind", update::name_of(image.kind)}, {"product", image.product}, {"hardware", std::move(hardware)},
      {"bytes", repository.length_of(path)}};
}

Result<void> list(World& world, const Arguments& arguments) {
  const Format format = TRY(format_of(arguments));
  const Folder owner = TRY(Folder::open(world.files, arguments.text("--dir")));
  const Repository repository = TRY(Repository::open(world.files, owner, arguments.text("--repository")));
  json::Array images;
  for (const auto& [path, image] : repository.images()) images.push_back(record_of(repository, path, image));
  show_list(world, format, images,
            {{"COMPONENT", "component"},
             {"VERSION", "version"},
             {"SECURITY", "security_version"},
             {"KIND", "kind"},
             {"PRODUCT", "product"},
             {"HARDWARE", "hardware"},
             {"BYTES", "bytes"}});
  if (format == Format::Table && repository.expires() <= world.clock.wall_time()) {
    world.print(cat("Devices take nothing from it since ", to_rfc3339(repository.expires()),
                    ": publish it anew with holdfast release publish.\n"));
  }
  return {};
}

Result<void> upload(Call& call) {
  const auto progress = [&](const std::string& file, std::size_t done, std::size_t all) {
    if (call.format == Format::Table) call.world.print(cat(printable(file), ": ", done, " of ", all, " bytes\n"));
  };
  const auto done =
      TRY(cli::release::upload(call.world, call.session, call.text("--repository"), call.catalog, progress));
  show_done(call.world, call.format,
            cat(done.files, " files were sent (", done.bytes, " bytes); what the repository says is in force."));
  return {};
}

Command publish_command(World& world) {
  return offline(
      world,
      {.path = "release publish",
       .summary = "add an image to the repository and sign all of it; without an image: sign it anew",
       .options = {{.name = "IMAGE", .value = "FILE", .help = "what the device is to have"},
                   kRepository,
                   kOwner,
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
                   kLife,
                   output_option()},
       .examples =
           "  holdfast release publish door.erofs --repository images --dir owner --kind application \\\n"
           "    --product gateway --hardware x86-64-board --component door-control --version 1.4.0 \\\n"
           "    --security-version 3 --needs os:2\n"
           "  holdfast release publish root-2.erofs --repository images --dir owner --kind os --product gateway \\\n"
           "    --hardware x86-64-board --component os --version 2.0 --security-version 4 --delta-from 1.0\n"
           "  holdfast release publish --repository images --dir owner",
       .run = {}},
      publish);
}

}  // namespace

std::vector<Command> release(World& world) {
  return {group("release", "images for devices, signed with the owner's keys in a repository of files"),
          offline(world,
                  {.path = "release init",
                   .summary = "make an empty image repository, signed with the keys in the owner's folder",
                   .options = {kRepository, kOwner, kLife, output_option()},
                   .examples = "  holdfast release init --repository images --dir owner",
                   .run = {}},
                  init),
          publish_command(world),
          offline(world,
                  {.path = "release list",
                   .summary = "verify a repository and list its images",
                   .options = {kRepository, kOwner, output_option()},
                   .examples = "  holdfast release list --repository images --dir owner",
                   .run = {}},
                  list),
          in_catalog(world,
                     {.path = "release upload",
                      .summary = "send a repository to the service, from which devices then fetch",
                      .options = {kRepository},
                      .examples = "  holdfast release upload --catalog fleet --repository images",
                      .run = {}},
                     upload)};
}

}  // namespace holdfast::cli::commands
