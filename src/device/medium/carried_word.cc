#include "device/medium/carried_word.h"

#include <array>

#include "base/text.h"
#include "device/medium/document.h"
#include "wire/carried.h"

namespace holdfast::device::medium {

namespace tuf = trust::tuf;

Result<CarriedWord> newest_word(ports::Medium& medium, const trust::Verified<tuf::TrustPolicy>& policy,
                                const tuf::Recipient& recipient, std::int64_t version_seen) {
  const std::array<tuf::Audience, 3> audiences = {
      tuf::Audience{recipient.device, "", ""}, tuf::Audience{"", recipient.product, recipient.device_group}, {}};
  std::optional<CarriedWord> newest;
  std::optional<Error> refused;  // a word for others to whom the device belongs too may be of former keys
  for (const tuf::Audience& audience : audiences) {
    const std::string path = wire::carried_word(policy->catalog, audience);
    auto document = TRY(read_document(medium, path));
    if (!document) continue;
    auto targets = tuf::verify_offline_targets(*document, policy, recipient, 0);
    if (!targets) {
      if (!refused) refused = fail_within(path, std::move(targets).error()).error();
      continue;
    }
    if (newest && newest->targets->version >= (*targets)->version) continue;
    newest = CarriedWord{*std::move(targets), *std::move(document)};
  }
  if (!newest && refused) return std::unexpected(*std::move(refused));
  if (!newest) {
    return fail(Next::NotFound, kWordMissing,
                cat("expected a word of the offline director for ", printable(recipient.device), " in ",
                    printable(policy->catalog), ", saw none on the medium"));
  }
  TRY(tuf::verify_offline_targets(newest->document, policy, recipient, version_seen));
  return *std::move(newest);
}

}  // namespace holdfast::device::medium
