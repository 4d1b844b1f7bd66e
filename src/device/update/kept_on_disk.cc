#include "device/update/kept_on_disk.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/text.h"
#include "device/update/owner_documents.h"
#include "trust/crypto/hash.h"

namespace holdfast::device::update {
namespace {

constexpr std::array<std::string_view, 4> kTopRoles = {"root", "timestamp", "snapshot", "targets"};
/// Delegated roles share these places by their name: one that loses its place is fetched again.
constexpr std::size_t kDelegatedPlaces = 16;

std::string delegated_record(std::size_t place) { return cat("tuf-delegated-", place); }

std::string record_of(std::string_view role) {
  if (std::ranges::find(kTopRoles, role) != kTopRoles.end()) return cat("tuf-", role);
  return delegated_record(trust::crypto::sha256(as_bytes(role))[0] % kDelegatedPlaces);
}

}  // namespace

Result<std::optional<Blob>> KeptOnDisk::read(std::string_view role) {
  auto document = TRY(disk_.read(record_of(role)));
  if (!document && role == kTopRoles.front()) return disk_.read(kOwnerRootRecord);
  return document;
}

Result<void> KeptOnDisk::write(std::string_view role, Bytes document) {
  if (document.size() > ports::kDiskRecordBytesMax) return remove(role);
  return disk_.write(record_of(role), document);
}

Result<void> KeptOnDisk::remove(std::string_view role) { return disk_.remove(record_of(role)); }

Result<void> KeptOnDisk::erase(ports::Disk& disk) {
  for (const std::string_view role : kTopRoles) TRY(disk.remove(record_of(role)));
  for (std::size_t place = 0; place < kDelegatedPlaces; ++place) TRY(disk.remove(delegated_record(place)));
  return {};
}

}  // namespace holdfast::device::update
