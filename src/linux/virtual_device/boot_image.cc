#include "linux/virtual_device/boot_image.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
#include "firmware/utf16.h"
#include "linux/virtual_device/event_structures.h"
#include "trust/eventlog/event.h"

namespace holdfast::linux::virtual_device {

namespace eventlog = trust::eventlog;
namespace appraisal = trust::appraisal;

namespace {

constexpr std::uint32_t kTypes[] = {eventlog::kEvPostCode,
                                    eventlog::kEvSeparator,
                                    eventlog::kEvAction,
                                    eventlog::kEvEventTag,
                                    eventlog::kEvSCrtmContents,
                                    eventlog::kEvSCrtmVersion,
                                    eventlog::kEvPlatformConfigFlags,
                                    eventlog::kEvCompactHash,
                                    eventlog::kEvIpl,
                                    eventlog::kEvEfiVariableDriverConfig,
                                    eventlog::kEvEfiVariableBoot,
                                    eventlog::kEvEfiBootServicesApplication,
                                    eventlog::kEvEfiBootServicesDriver,
                                    eventlog::kEvEfiGptEvent,
                                    eventlog::kEvEfiAction,
                                    eventlog::kEvEfiPlatformFirmwareBlob,
                                    eventlog::kEvEfiVariableAuthority};

constexpr std::uint8_t kPcrOfLoaders = 4;
constexpr std::uint8_t kPcrOfKernelOptions = 9;
constexpr std::uint8_t kPcrOfKernelImage = 11;
/// What a kernel started by firmware tags its LoadOptions with.
constexpr std::uint32_t kLoadOptionsTag = 0x8F3B22EC;

Result<std::uint32_t> type_from_name(const std::string& name) {
  const auto* type =
      std::ranges::find_if(kTypes, [&](std::uint32_t each) { return eventlog::type_name(each) == name; });
  if (type != std::end(kTypes)) return *type;
  return fail(Next::Rejected, kBootImageMalformed, "expected the type of a measured event, saw " + printable(name));
}

/// `name` as text, or `name`_base64.
Result<Blob> text_or_base64(json::Fields& fields, const std::string& name) {
  if (fields.has(name)) return to_blob(as_bytes(TRY(fields.text(name, kBootImageBytesMax))));
  return fields.base64(name + "_base64", kBootImageBytesMax);
}

Result<Measurement> read_measurement(const json::Value& value) {
  json::Fields fields = TRY(json::Fields::of(value, "event"));
  Measurement event;
  event.pcr = static_cast<std::uint8_t>(TRY(fields.integer("pcr", 0, appraisal::kPcrsQuoted - 1)));
  event.type = TRY(type_from_name(TRY(fields.text("type", appraisal::kDescriptionBytesMax))));
  event.measured = TRY(text_or_base64(fields, "measured"));
  const bool shown = fields.has("data") || fields.has("data_base64");
  event.data = shown ? TRY(text_or_base64(fields, "data")) : event.measured;
  TRY(fields.done());
  return event;
}

Result<BootImage> read_image(const json::Value& value) {
  json::Fields fields = TRY(json::Fields::of(value, "boot image"));
  BootImage image;
  image.component = TRY(fields.text("component", appraisal::kComponentBytesMax));
  image.version = TRY(fields.text("version", appraisal::kComponentVersionBytesMax));
  image.security_version = TRY(fields.integer("security_version", 0, appraisal::kSecurityVersionMax));
  for (const json::Value& item : *TRY(fields.array("events", kBootImageEventsMax))) {
    image.events.push_back(TRY(read_measurement(item)));
  }
  TRY(fields.done());
  TRY(appraisal::require_component_name(image.component));
  TRY(appraisal::require_component_version(image.version));
  return image;
}

eventlog::Event shown(const Measurement& event) {
  eventlog::Event out;
  out.pcr = event.pcr;
  out.type = event.type;
  out.data = event.data;
  return out;
}

}  // namespace

Result<BootImage> parse_boot_image(Bytes json_text) {
  const auto value = json::parse(json_text, {.bytes_max = kBootImageBytesMax});
  auto image = value ? read_image(*value) : std::unexpected(value.error());
  if (!image) return fail(Next::Rejected, kBootImageMalformed, std::move(image).error().message);
  return image;
}

json::Value to_json(const BootImage& image) {
  json::Array events;
  for (const Measurement& event : image.events) {
    events.push_back(json::Object{{"pcr", std::int64_t{event.pcr}},
                                  {"type", eventlog::type_name(event.type)},
                                  {"measured_base64", to_base64(event.measured)},
                                  {"data_base64", to_base64(event.data)}});
  }
  return json::Object{{"component", image.component},
                      {"version", image.version},
                      {"security_version", image.security_version},
                      {"events", std::move(events)}};
}

BootImage kernel_image(const appraisal::ImageName& name, std::int64_t security_version,
                       const std::string& command_line) {
  const std::string release = cat("ID=", name.component, "\nVERSION_ID=", name.version, "\n");
  const std::string kernel = cat("kernel of ", name.component, " ", name.version);
  const std::pair<std::string, std::string> sections[] = {
      {".linux", kernel}, {".osrel", release}, {".cmdline", command_line}};

  BootImage image{name.component, name.version, security_version, {}};
  const std::string whole = cat(kernel, release, command_line);
  const std::string file = cat("\\EFI\\Linux\\", name.component, "_", name.version, ".efi");
  image.events.push_back({kPcrOfLoaders, eventlog::kEvEfiBootServicesApplication, to_blob(as_bytes(whole)),
                          image_load_event(file, whole.size())});
  for (const auto& [section, contents] : sections) {
    const std::string_view name_with_nul(section.c_str(), section.size() + 1);
    image.events.push_back(
        {kPcrOfKernelImage, eventlog::kEvIpl, to_blob(as_bytes(name_with_nul)), firmware::utf16(section)});
    image.events.push_back(
        {kPcrOfKernelImage, eventlog::kEvIpl, to_blob(as_bytes(contents)), firmware::utf16(section)});
  }
  image.events.push_back({kPcrOfKernelOptions, eventlog::kEvEventTag, firmware::utf16(command_line),
                          tagged_event(kLoadOptionsTag, as_bytes("LOADED_IMAGE::LoadOptions"))});
  return image;
}

void tamper_with(BootImage& image) {
  if (image.events.empty()) return;
  auto target = std::find_if(image.events.rbegin(), image.events.rend(),
                             [](const Measurement& event) { return event.pcr == kPcrOfKernelImage; });
  if (target == image.events.rend()) target = image.events.rbegin();
  const Bytes shell = as_bytes(" init=/bin/sh");
  target->measured.insert(target->measured.end(), shell.begin(), shell.end());
}

appraisal::ReferenceSet reference_values(const BootImage& image) {
  appraisal::ReferenceSet set{.component = image.component,
                              .version = image.version,
                              .security_version = image.security_version,
                              .source = appraisal::ReferenceSource::Image,
                              .events = {}};
  for (const Measurement& event : image.events) {
    std::string description = eventlog::describe(shown(event));
    description.resize(std::min(description.size(), appraisal::kDescriptionBytesMax));
    set.events.push_back({event.pcr, trust::crypto::sha256(event.measured), std::move(description)});
  }
  return set;
}

}  // namespace holdfast::linux::virtual_device
