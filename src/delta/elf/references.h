// Rewrites old bytes into what they would be in the new file: each reference in them is made to point where its target
// went. What it guesses wrong is corrected, and the correction teaches where that target is. Maker and decoder run the
// same code over the same bytes, so that a wrong guess costs bytes and never correctness.
#pragma once

#include <algorithm>

#include "delta/elf/site_finder.h"
#include "delta/elf/target_map.h"
#include "delta/elf/words.h"

namespace holdfast::delta::elf {

/// One reference as it will be unless corrected.
struct Prediction {
  Site site;
  std::uint64_t place = 0;    ///< new address of the operand
  std::uint64_t base = 0;     ///< Based32: new address of its base
  std::uint64_t operand = 0;  ///< as many of its low bytes as the form has
};

class References {
 public:
  /// `file` must outlive none of it; `matches` are read here only.
  static Result<References> make(const old::OldFile& file, std::span<const format::LoadShift> shifts,
                                 std::span<const format::Match> matches);

  const ElfFile& elf() const { return finder_.elf(); }
  const SiteFinder& finder() const { return finder_; }
  const TargetMap& targets() const { return targets_; }

  /// Rewrites `out`, which holds the old bytes from `old_begin` on and becomes those at `new_begin` of the new file. A
  /// reference counts when all of its operand is in there. `old` has the same bytes, kViewBehind before and
  /// kViewAhead after them, as far as the file has any. `corrections.is_wrong(prediction)` and, where it says so,
  /// `corrections.next()`, a Result<int32_t> to add to the operand, 0 for the old one.
  template <class Corrections>
  Result<void> rewrite(const View& old, std::uint32_t old_begin, std::uint32_t new_begin, std::span<std::uint8_t> out,
                       Corrections& corrections) {
    const std::uint32_t old_end = old_begin + static_cast<std::uint32_t>(out.size());
    for (const Section& section : elf().sections) {
      if (section.end() <= old_begin || section.begin >= old_end) continue;
      const std::uint32_t first = old_begin > section.begin ? (old_begin - section.begin) / kWindowBytes : 0;
      const std::uint64_t shift = targets_.place_shift(section.begin) + new_begin - old_begin;
      const std::uint32_t last = (std::min(section.end(), old_end) - section.begin - 1) / kWindowBytes;
      for (std::uint32_t window = first; window <= last; ++window) {
        sites_.clear();
        finder_.find(section, window, old, sites_);
        for (const Site& site : sites_) {
          if (site.offset < old_begin || site.offset + width_of(site.form) > old_end) continue;
          const std::uint32_t at = site.offset - old_begin;
          TRY(rewrite_one(predict(site, site.offset + shift), &out[at], corrections));
        }
      }
    }
    return {};
  }

 private:
  References(SiteFinder finder, TargetMap targets);

  Prediction predict(const Site& site, std::uint64_t place) const {
    Prediction made{.site = site, .place = place};
    if (site.form == Form::Relative32) {  // nearly all of them
      made.operand = targets_.new_address(site.target) - place - site.base;
    } else {
      predict_other(made);
    }
    return made;
  }
  void predict_other(Prediction& made) const;
  void learn(const Prediction& prediction, std::uint64_t operand);

  template <class Corrections>
  Result<void> rewrite_one(const Prediction& prediction, std::uint8_t* at, Corrections& corrections) {
    std::uint64_t operand = prediction.operand;
    if (corrections.is_wrong(prediction)) {
      const std::int32_t change = TRY(corrections.next());
      if (change == 0) return {};
      operand += static_cast<std::uint64_t>(std::int64_t{change});
      learn(prediction, operand);
    }
    if (width_of(prediction.site.form) == 8) {
      put_word(at, operand);
    } else {
      put_word(at, static_cast<std::uint32_t>(operand));
    }
    return {};
  }

  SiteFinder finder_;
  TargetMap targets_;
  std::uint64_t new_symbols_begin_;
  std::uint64_t new_strings_begin_;
  SiteList sites_;
};

}  // namespace holdfast::delta::elf
