// What a device remembers between boots, one record of the disk per thing. Nothing else is remembered: which phase a
// device is in follows from which records exist, so no record can contradict a phase.
// Records are read once and again after a failed write, since a write that failed may have happened. A record that
// cannot be read counts as absent and is named by `take_damaged()`: every one of them is made again or asked for again,
// and members that an older agent does not know are passed over, because it may be running after a fallback.
#pragma once

#include <tuple>
#include <utility>

#include "device/record/attested.h"
#include "device/record/identity.h"
#include "device/record/keys.h"
#include "device/record/owner.h"
#include "device/record/release.h"
#include "device/record/ticket.h"
#include "device/record/trouble.h"
#include "ports/disk.h"

namespace holdfast::device::record {

class Records {
 public:
  explicit Records(ports::Disk& disk) : disk_(disk) {}

  /// Reads every record, unless memory still says what the disk says.
  Result<void> load();

  template <class T>
  const std::optional<T>& get() const {
    return std::get<std::optional<T>>(kept_);
  }
  template <class T>
  Result<void> put(T value) {
    TRY(write(T::kName, value.encode()));
    std::get<std::optional<T>>(kept_) = std::move(value);
    return {};
  }
  /// Touches the disk only where there is one.
  template <class T>
  Result<void> erase() {
    if (!get<T>()) return {};
    TRY(remove(T::kName));
    std::get<std::optional<T>>(kept_).reset();
    return {};
  }

  /// Names of records that load() could not read, told once.
  std::vector<std::string> take_damaged() { return std::exchange(damaged_, {}); }

 private:
  template <class T>
  Result<void> load_one();
  Result<void> write(std::string_view name, Blob record);
  Result<void> remove(std::string_view name);

  ports::Disk& disk_;
  bool is_current_ = false;
  std::tuple<std::optional<Ticket>, std::optional<Owner>, std::optional<AttestationKey>, std::optional<Identity>,
             std::optional<TlsKeys>, std::optional<Attested>, std::optional<AuditSeen>, std::optional<Trouble>,
             std::optional<Release>>
      kept_;
  std::vector<std::string> damaged_;
};

}  // namespace holdfast::device::record
