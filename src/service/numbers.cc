#include "service/numbers.h"

#include "base/text.h"
#include "ports/store/rows/access.h"

namespace holdfast::service {
namespace {

constexpr std::string_view kRestoredAt = "restored-at";

}  // namespace

Result<std::int64_t> next_number(ports::Transaction& tx, const Numbered& newest) {
  const auto setting = TRY(ports::Table<ports::SettingRow>(tx).find(kRestoredAt));
  if (!setting) return newest.number + 1;
  const WallTime restored_at = TRY(parse_rfc3339(setting->value));
  const bool is_forgetful = newest.number == 0 || newest.given_at < restored_at;
  return newest.number + 1 + (is_forgetful ? kNumbersSkipped : 0);
}

Result<void> note_restored(ports::Transaction& tx, WallTime now) {
  ports::Table<ports::SettingRow> settings(tx);
  const ports::SettingRow setting{std::string(kRestoredAt), to_rfc3339(now)};
  return TRY(settings.find(kRestoredAt)) ? settings.update(setting) : settings.insert(setting);
}

}  // namespace holdfast::service
