#include "device/record/records.h"

#include "base/secret.h"

namespace holdfast::device::record {

template <class T>
Result<void> Records::load_one() {
  std::optional<Blob> bytes = TRY(disk_.read(T::kName));
  std::optional<T>& kept = std::get<std::optional<T>>(kept_);
  kept.reset();
  if (!bytes) return {};
  auto decoded = T::decode(*bytes);
  wipe(*bytes);
  if (decoded) {
    kept = std::move(*decoded);
  } else {
    damaged_.emplace_back(T::kName);
  }
  return {};
}

Result<void> Records::load() {
  if (is_current_) return {};
  damaged_.clear();
  TRY(load_one<Ticket>());
  TRY(load_one<Owner>());
  TRY(load_one<AttestationKey>());
  TRY(load_one<Identity>());
  TRY(load_one<TlsKeys>());
  TRY(load_one<Attested>());
  TRY(load_one<AuditSeen>());
  TRY(load_one<Trouble>());
  TRY(load_one<Release>());
  is_current_ = true;
  return {};
}

Result<void> Records::write(std::string_view name, Blob record) {
  const auto written = disk_.write(name, record);
  wipe(record);
  if (!written) is_current_ = false;
  return written;
}

Result<void> Records::remove(std::string_view name) {
  const auto removed = disk_.remove(name);
  if (!removed) is_current_ = false;
  return removed;
}

}  // namespace holdfast::device::record
