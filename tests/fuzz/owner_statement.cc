// The owner's statements about a device that is let go and about an archive, a director's about the time, and an
// offline director's about what devices are to have: whatever is read can be made again and says the same.
#include <cstdint>

#include "base/check.h"
#include "trust/tuf/catalog_export.h"
#include "trust/tuf/device_release.h"
#include "trust/tuf/offline_targets.h"
#include "trust/update/time_statement.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast::trust::tuf;
  const auto envelope = parse_envelope(holdfast::Bytes(data, size));
  if (!envelope) return 0;
  if (const auto release = read_device_release(*envelope)) {
    const auto made = make_device_release(*release);
    CHECK_INVARIANT(made);
    const auto again = read_device_release(*made);
    CHECK_INVARIANT(again && again->device == release->device && again->attestation_key == release->attestation_key &&
                    again->expires == release->expires && again->version == release->version);
  }
  if (const auto archive = read_catalog_export(*envelope)) {
    const auto made = make_catalog_export(*archive);
    CHECK_INVARIANT(made);
    const auto again = read_catalog_export(*made);
    CHECK_INVARIANT(again && again->catalog == archive->catalog && again->last_page == archive->last_page &&
                    again->pages == archive->pages && again->rows == archive->rows);
  }
  if (const auto time = holdfast::trust::update::read_time_statement(*envelope)) {
    const auto made = holdfast::trust::update::make_time_statement(*time);
    CHECK_INVARIANT(made);
    const auto again = holdfast::trust::update::read_time_statement(*made);
    CHECK_INVARIANT(again && again->device == time->device && again->nonce == time->nonce && again->time == time->time);
  }
  if (const auto word = read_offline_targets(*envelope)) {
    const auto made = make_offline_targets(*word);
    CHECK_INVARIANT(made);
    const auto again = read_offline_targets(*made);
    CHECK_INVARIANT(again && again->audience == word->audience && again->images == word->images &&
                    again->version == word->version && again->expires - again->issued <= kOfflineLifeMax);
  }
  return 0;
}
