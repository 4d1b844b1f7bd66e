#include "device/update/verity_writer.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"

namespace holdfast::device::update {
namespace {

constexpr std::size_t kStepBytes = 256 * 1024;  ///< whole blocks

}  // namespace

Result<bool> VerityWriter::step(ports::Slots& slots) {
  switch (phase_) {
    case Phase::Hash: TRY(hash(slots)); return false;
    case Phase::Write: TRY(write(slots)); return false;
    case Phase::ReadBack: break;
  }
  return read_back(slots);
}

Result<void> VerityWriter::hash(ports::Slots& slots) {
  const auto bytes = std::min(kStepBytes, static_cast<std::size_t>(place_.length - at_));
  builder_.add(TRY(read_exactly(slots, place_, at_, bytes)));
  at_ += static_cast<std::int64_t>(bytes);
  if (at_ < place_.length) return {};
  tree_ = std::move(builder_).finish();
  at_ = 0;
  phase_ = Phase::Write;
  return {};
}

Result<void> VerityWriter::write(ports::Slots& slots) {
  if (tree_.root != verity_.root) {
    return fail(Next::Rejected, trust::update::kVerityDiffers,
                cat("expected a verity tree with the root ", to_hex(verity_.root), ", saw ", to_hex(tree_.root)));
  }
  const auto bytes = std::min(kStepBytes, left());
  if (bytes > 0) {
    const Bytes part = Bytes(tree_.bytes).subspan(static_cast<std::size_t>(at_), bytes);
    TRY(slots.write(place_.component, place_.length + at_, part));
    at_ += static_cast<std::int64_t>(bytes);
    return {};
  }
  TRY(slots.sync(place_.component));
  at_ = 0;
  phase_ = Phase::ReadBack;
  return {};
}

Result<bool> VerityWriter::read_back(ports::Slots& slots) {
  const auto bytes = std::min(kStepBytes, left());
  if (bytes == 0) return true;
  const std::int64_t offset = place_.length + at_;
  const Blob there = TRY(slots.read(place_.component, place_.slot, offset, bytes));
  if (std::ranges::equal(there, Bytes(tree_.bytes).subspan(static_cast<std::size_t>(at_), bytes))) {
    at_ += static_cast<std::int64_t>(bytes);
    return false;
  }
  at_ = 0;
  phase_ = Phase::Write;
  return fail(Next::Retry, ports::kSlotsFailed, "expected the verity tree to be read back, saw other bytes");
}

}  // namespace holdfast::device::update
