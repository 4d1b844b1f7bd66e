#include "programs/holdfast_agent/application_settings.h"

#include "base/json/value.h"
#include "device/record/identity.h"
#include "trust/update/configuration.h"

namespace holdfast::programs {

Result<std::optional<Blob>> application_settings(linux::slots::FileSlots& slots, ports::Disk& disk,
                                                 std::string_view application) {
  const auto document = TRY(slots.settings(application));
  if (!document) return std::optional<Blob>();
  const auto configuration =
      TRY(trust::update::parse_configuration(trust::update::settings_of(application), *document));
  const auto record = TRY(disk.read(device::record::Identity::kName));
  const auto identity = record ? device::record::Identity::decode(*record) : Result<device::record::Identity>();
  const json::Value settings = settings_on(configuration, identity ? identity->device : std::string());
  return std::optional(to_blob(as_bytes(json::dump(settings))));
}

}  // namespace holdfast::programs
