#include "device/update/transfer.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "trust/crypto/hash.h"

namespace holdfast::device::update {
namespace {

namespace crypto = trust::crypto;
using trust::update::kSegmentBytes;

constexpr std::size_t kLooksInAStep = 16;
constexpr int kSegmentsInAStep = 4;

/// A delta that is wrong stays wrong; a service or a disk that does not answer may answer later.
bool is_the_deltas(const Error& error) {
  return error.next != Next::Retry && error.next != Next::Exhausted && error.next != Next::Denied;
}

}  // namespace

Transfer::Transfer(ports::Slots& slots, Goal goal, ports::SlotFacts facts, std::optional<Holding> source)
    : slots_(slots), goal_(std::move(goal)), facts_(facts), source_(std::move(source)) {}

Place Transfer::spare() const { return {goal_.component, other(facts_.confirmed), goal_.holding.length}; }

std::size_t Transfer::bytes_of(std::size_t segment) const {
  const auto left = static_cast<std::size_t>(goal_.holding.length) - segment * kSegmentBytes;
  return std::min(left, kSegmentBytes);
}

std::size_t Transfer::first_missing() const {
  return static_cast<std::size_t>(std::ranges::find(there_, false) - there_.begin());
}

Result<Transfer::Progress> Transfer::step(ports::ImageRepository& from) {
  switch (phase_) {
    case Phase::Manifest: return fetch_manifest(from);
    case Phase::LookAtSpare: return look_at_spare();
    case Phase::LookAtSource: return look_at_source();
    case Phase::Delta: return step_delta(from);
    case Phase::Full: return step_full(from);
    case Phase::Sync:
      TRY(slots_.sync(goal_.component));
      phase_ = Phase::ReadBack;
      hasher_.emplace(spare());
      return Progress{};
    case Phase::ReadBack: return read_back();
    case Phase::Verity: return step_verity();
    case Phase::Done: break;
  }
  return Progress{.is_done = true};
}

Result<Transfer::Progress> Transfer::fetch_manifest(ports::ImageRepository& from) {
  const trust::tuf::MetaFile& listed = goal_.description.manifest;
  if (!listed.hashes->sha256) {
    return fail(Next::Rejected, kManifestDiffers, "expected a manifest named by its SHA-256, saw another digest");
  }
  const std::string place = place_beside(goal_, "manifest", *listed.hashes->sha256);
  Blob document;
  const auto length = static_cast<std::size_t>(*listed.length);
  while (document.size() < length) {
    const Blob part = TRY(from.fetch_range(place, std::ssize(document), length - document.size()));
    if (part.empty()) break;
    document.insert(document.end(), part.begin(), part.end());
  }
  manifest_ = TRY(trust::update::read_manifest(document, goal_.description, goal_.holding.length));
  there_.assign(manifest_.segments.size(), false);
  phase_ = Phase::LookAtSpare;
  return Progress{.fetched = document.size()};
}

/// What an attempt before left, or what this image has in common with the one that was there.
Result<Transfer::Progress> Transfer::look_at_spare() {
  for (std::size_t looks = 0; looks < kLooksInAStep && looked_at_ < there_.size(); ++looks) {
    const auto offset = static_cast<std::int64_t>(looked_at_ * kSegmentBytes);
    const Blob bytes = TRY(slots_.read(goal_.component, other(facts_.confirmed), offset, bytes_of(looked_at_)));
    there_[looked_at_] = crypto::sha256(bytes) == manifest_.segments[looked_at_];
    ++looked_at_;
  }
  if (looked_at_ == there_.size()) choose_way();
  return Progress{};
}

void Transfer::choose_way() {
  std::int64_t missing = 0;
  for (std::size_t i = 0; i < there_.size(); ++i) missing += there_[i] ? 0 : static_cast<std::int64_t>(bytes_of(i));
  phase_ = missing == 0 ? Phase::Sync : Phase::Full;
  if (missing == 0 || !source_) return;
  const auto delta = std::ranges::find(manifest_.deltas, source_->sha256, &trust::update::Delta::from);
  if (delta == manifest_.deltas.end() || delta->length >= missing) return;
  delta_ = *delta;
  hasher_.emplace(Place{goal_.component, facts_.confirmed, source_->length});
  phase_ = Phase::LookAtSource;
}

/// A record says what is there; the bytes say whether it is.
Result<Transfer::Progress> Transfer::look_at_source() {
  const auto digest = TRY(hasher_->step(slots_));
  if (!digest) return Progress{};
  if (*digest == source_->sha256) {
    begin_delta();
    return Progress{};
  }
  return give_up_delta({Next::Corrupt, kSegmentDiffers,
                        cat("expected ", to_hex(source_->sha256), " in the confirmed place, saw ", to_hex(*digest))});
}

void Transfer::begin_delta() {
  old_image_.emplace(slots_, Place{goal_.component, facts_.confirmed, source_->length});
  decoder_ = std::make_unique<delta::apply::Decoder>(*old_image_, static_cast<std::uint32_t>(first_missing()));
  fetched_.clear();
  used_ = 0;
  asked_ = 0;
  phase_ = Phase::Delta;
}

Transfer::Progress Transfer::give_up_delta(Error why) {
  delta_failure_ = std::move(why);
  delta_.reset();
  decoder_.reset();
  old_image_.reset();
  fetched_ = Blob();
  phase_ = Phase::Full;
  return {};
}

/// Where the decoder has used up what there was: the next piece of the delta.
Result<std::size_t> Transfer::feed(ports::ImageRepository& from) {
  if (used_ < fetched_.size() || asked_ == delta_->length) return 0;
  const std::string name = cat(to_hex(delta_->from), ".delta");
  const auto left = static_cast<std::size_t>(delta_->length - asked_);
  fetched_ = TRY(from.fetch_range(place_beside(goal_, name, delta_->sha256), asked_, left));
  used_ = 0;
  asked_ += std::ssize(fetched_);
  if (!fetched_.empty()) return fetched_.size();
  return fail(Next::Corrupt, kSegmentDiffers, cat("expected a delta of ", delta_->length, " bytes, saw ", asked_));
}

/// Until it wants more bytes, has made some segments, or is done.
Result<delta::apply::Step> Transfer::decode() {
  auto made = delta::apply::Step::Segment;
  for (int segments = 0; segments < kSegmentsInAStep && made == delta::apply::Step::Segment; ++segments) {
    Bytes left = Bytes(fetched_).subspan(used_);
    made = TRY(decoder_->step(left));
    used_ = fetched_.size() - left.size();
    if (made != delta::apply::Step::Segment) break;
    const auto segment = decoder_->segment();
    TRY(put(segment.index, segment.bytes));
  }
  if (made != delta::apply::Step::WantsDelta || asked_ < delta_->length) return made;
  return fail(Next::Corrupt, kSegmentDiffers, cat("expected an image from ", delta_->length, " bytes, saw no end"));
}

Result<Transfer::Progress> Transfer::step_delta(ports::ImageRepository& from) {
  auto fetched = feed(from);
  if (!fetched && is_the_deltas(fetched.error())) return give_up_delta(std::move(fetched).error());
  if (!fetched) return std::unexpected(std::move(fetched).error());
  auto made = decode();
  if (!made && is_the_deltas(made.error())) return give_up_delta(std::move(made).error());
  if (!made) {
    // A segment that could not be written is not made again by this decoder.
    begin_delta();
    return std::unexpected(std::move(made).error());
  }
  if (*made == delta::apply::Step::Done) {
    decoder_.reset();
    old_image_.reset();
    fetched_ = Blob();
    phase_ = first_missing() == there_.size() ? Phase::Sync : Phase::Full;
  }
  return Progress{.fetched = *fetched};
}

Result<Transfer::Progress> Transfer::step_full(ports::ImageRepository& from) {
  const std::size_t segment = first_missing();
  if (segment == there_.size()) {
    phase_ = Phase::Sync;
    return Progress{};
  }
  const Blob bytes =
      TRY(from.fetch_range(goal_.place, static_cast<std::int64_t>(segment * kSegmentBytes), bytes_of(segment)));
  TRY(put(segment, bytes));
  return Progress{.fetched = bytes.size()};
}

Result<void> Transfer::put(std::size_t segment, Bytes bytes) {
  const bool is_right = segment < there_.size() && bytes.size() == bytes_of(segment) &&
                        crypto::sha256(bytes) == manifest_.segments[segment];
  if (!is_right) {
    return fail(Next::Corrupt, kSegmentDiffers,
                cat("expected segment ", segment, " of ", printable(goal_.image), " with its signed digest, saw ",
                    bytes.size(), " other bytes"));
  }
  if (there_[segment]) return {};
  TRY(slots_.write(goal_.component, static_cast<std::int64_t>(segment * kSegmentBytes), bytes));
  there_[segment] = true;
  ++written_;
  return {};
}

Result<Transfer::Progress> Transfer::read_back() {
  const auto digest = TRY(hasher_->step(slots_));
  if (!digest) return Progress{};
  if (*digest == goal_.holding.sha256) {
    phase_ = goal_.description.verity ? Phase::Verity : Phase::Done;
    return Progress{.is_done = phase_ == Phase::Done};
  }
  // The disk did not keep what it took: all of it is looked at again.
  looked_at_ = 0;
  phase_ = Phase::LookAtSpare;
  return fail(Next::Retry, kReadBackDiffers,
              cat("expected ", to_hex(goal_.holding.sha256), " to be read back, saw ", to_hex(*digest)));
}

Result<Transfer::Progress> Transfer::step_verity() {
  if (!verity_) verity_.emplace(spare(), *goal_.description.verity);
  if (!TRY(verity_->step(slots_))) return Progress{};
  phase_ = Phase::Done;
  return Progress{.is_done = true};
}

}  // namespace holdfast::device::update
