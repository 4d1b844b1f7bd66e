// Brings one image into the spare place of its component, one bounded piece of work at a time. Each segment's signed
// digest is checked before the segment is written; what is there already is not fetched or written again, so that a
// power cut costs one piece. It takes the delta from what the confirmed place was seen to hold where that is cheaper,
// and the whole image where there is none or where the delta fails. Done means that the place was synced, read back
// whole and has the image's digest.
#pragma once

#include <memory>

#include "delta/apply/decoder.h"
#include "device/update/goal.h"
#include "device/update/service_source.h"
#include "device/update/verity_writer.h"
#include "trust/update/manifest.h"

namespace holdfast::device::update {

inline constexpr Reason kSegmentDiffers{"segment-differs"};
inline constexpr Reason kReadBackDiffers{"read-back-differs"};
inline constexpr Reason kManifestDiffers{"manifest-differs"};

class Transfer {
 public:
  /// `source`: what the confirmed place holds, as far as anybody knows.
  Transfer(ports::Slots& slots, Goal goal, ports::SlotFacts facts, std::optional<Holding> source);

  struct Progress {
    bool is_done = false;
    std::size_t fetched = 0;  ///< bytes, of what is paced
  };
  /// One piece. After an Error the same piece is done again.
  Result<Progress> step(ports::ImageRepository& from);

  const Goal& goal() const { return goal_; }
  /// Why the delta was given up; nothing while it serves.
  const std::optional<Error>& delta_failure() const { return delta_failure_; }
  std::int64_t written_segments() const { return written_; }

 private:
  enum class Phase { Manifest, LookAtSpare, LookAtSource, Delta, Full, Sync, ReadBack, Verity, Done };

  Result<Progress> fetch_manifest(ports::ImageRepository& from);
  Result<Progress> look_at_spare();
  Result<Progress> look_at_source();
  Result<Progress> step_delta(ports::ImageRepository& from);
  Result<Progress> step_full(ports::ImageRepository& from);
  Result<Progress> read_back();
  Result<Progress> step_verity();

  void choose_way();
  void begin_delta();
  Progress give_up_delta(Error why);
  Result<std::size_t> feed(ports::ImageRepository& from);
  Result<delta::apply::Step> decode();
  Result<void> put(std::size_t segment, Bytes bytes);
  std::size_t bytes_of(std::size_t segment) const;
  Place spare() const;
  std::size_t first_missing() const;

  ports::Slots& slots_;
  Goal goal_;
  ports::SlotFacts facts_;
  std::optional<Holding> source_;
  Phase phase_ = Phase::Manifest;
  trust::update::Manifest manifest_;
  std::vector<bool> there_;  ///< by segment
  std::size_t looked_at_ = 0;
  std::optional<trust::update::Delta> delta_;
  std::optional<PlaceHasher> hasher_;
  std::optional<VerityWriter> verity_;
  std::optional<PlaceImage> old_image_;
  std::unique_ptr<delta::apply::Decoder> decoder_;
  Blob fetched_;            ///< of the delta, not decoded yet
  std::size_t used_ = 0;    ///< of fetched_
  std::int64_t asked_ = 0;  ///< bytes of the delta that were fetched
  std::int64_t written_ = 0;
  std::optional<Error> delta_failure_;
};

}  // namespace holdfast::device::update
