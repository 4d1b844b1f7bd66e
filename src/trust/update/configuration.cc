#include "trust/update/configuration.h"

#include <algorithm>
#include <array>

#include "base/json/fields.h"
#include "base/text.h"

namespace holdfast::trust::update {
namespace {

constexpr std::string_view kSuffix{"-settings"};
constexpr std::array<std::string_view, 3> kMembers = {"application", "settings", "devices"};
constexpr std::string_view kDeviceForm{"hf-xxxx-xxxx-xxxx-xxxx"};

std::unexpected<Error> malformed(std::string why) {
  return fail(Next::Rejected, kConfigurationMalformed, std::move(why));
}

/// As services name devices that have a vault.
bool is_device(std::string_view id) {
  const auto fits = [](char form, char seen) {
    return form == 'x' ? (seen >= 'a' && seen <= 'z') || (seen >= '0' && seen <= '9') : seen == form;
  };
  return id.size() == kDeviceForm.size() && std::ranges::equal(kDeviceForm, id, fits);
}

Result<const json::Object*> object_at(const json::Value& value, std::string_view what) {
  if (value.object() != nullptr) return value.object();
  return malformed(cat("expected ", what, " as an object, saw ", value.kind()));
}

/// Keeps where it is, for whoever shows the text.
class Reader {
 public:
  explicit Reader(std::vector<std::string>& at) : at_(at) {}

  Result<Configuration> read(std::string_view component, const json::Value& document) {
    const json::Object* members = TRY(object_at(document, "a configuration"));
    for (const json::Member& member : *members) TRY(require_known(member.name));
    Configuration out;
    out.application = TRY(application(component, document));
    at_.clear();
    const json::Value* settings = document.find("settings");
    if (settings == nullptr) return malformed("expected the member settings, saw none");
    at_ = {"settings"};
    TRY(object_at(*settings, "settings"));
    out.settings = *settings;
    if (const json::Value* devices = document.find("devices")) out.devices = TRY(read_devices(*devices));
    at_.clear();
    return out;
  }

 private:
  Result<void> require_known(const std::string& name) {
    if (std::ranges::find(kMembers, name) != kMembers.end()) return {};
    at_ = {name};
    return malformed(cat("expected application, settings and devices, saw ", printable(name, 60)));
  }

  Result<std::string> application(std::string_view component, const json::Value& document) {
    const json::Value* name = document.find("application");
    if (name == nullptr) return malformed("expected the member application, saw none");
    at_ = {"application"};
    if (name->text() == nullptr) return malformed(cat("expected application as text, saw ", name->kind()));
    if (settings_of(*name->text()) == component) return *name->text();
    return malformed(cat("expected the application whose settings are ", printable(component), ", saw ",
                         printable(*name->text(), 60), ", whose settings are ",
                         printable(settings_of(*name->text()), 80)));
  }

  Result<std::map<std::string, json::Value, std::less<>>> read_devices(const json::Value& devices) {
    at_ = {"devices"};
    const json::Object* members = TRY(object_at(devices, "devices"));
    if (members->size() > kConfigurationDevicesMax) {
      return malformed(cat("expected at most ", kConfigurationDevicesMax, " devices, saw ", members->size()));
    }
    std::map<std::string, json::Value, std::less<>> out;
    for (const json::Member& member : *members) {
      at_ = {"devices", member.name};
      if (!is_device(member.name)) {
        return malformed(cat("expected a device such as ", kDeviceForm, ", saw ", printable(member.name, 60)));
      }
      TRY(object_at(member.value, "what is different on a device"));
      out.emplace(member.name, member.value);
    }
    return out;
  }

  std::vector<std::string>& at_;
};

/// RFC 7396, section 2. As deep as the document may be, and no deeper.
void merge(json::Value& target, const json::Value& patch) {
  const json::Object* members = patch.object();
  if (members == nullptr) {
    target = patch;
    return;
  }
  if (target.object() == nullptr) target = json::Object{};
  for (const json::Member& member : *members) {
    json::Object& into = *target.object();
    auto there = std::ranges::find(into, member.name, &json::Member::name);
    if (member.value.is_null()) {
      if (there != into.end()) into.erase(there);
      continue;
    }
    if (there == into.end()) there = into.insert(there, json::Member(member.name, json::Value()));
    merge(there->value, member.value);
  }
}

}  // namespace

std::string settings_of(std::string_view application) { return cat(application, kSuffix); }

bool is_settings(std::string_view component) {
  return component.size() > kSuffix.size() && component.ends_with(kSuffix);
}

Result<Configuration> parse_configuration(std::string_view component, Bytes document, std::vector<std::string>* at) {
  std::vector<std::string> unseen;
  std::vector<std::string>& where = at != nullptr ? *at : unseen;
  where.clear();
  const auto value = json::parse(document, {.bytes_max = kConfigurationBytesMax,
                                            .depth_max = kConfigurationLevelsMax,
                                            .nodes_max = kConfigurationValuesMax});
  if (!value) return malformed(value.error().message);
  return Reader(where).read(component, *value);
}

json::Value settings_on(const Configuration& configuration, std::string_view device) {
  json::Value out = configuration.settings;
  const auto own = configuration.devices.find(device);
  if (own != configuration.devices.end()) merge(out, own->second);
  return out;
}

}  // namespace holdfast::trust::update
