#include "delta/make/file_delta.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "delta/make/labels.h"
#include "delta/make/map_encoder.h"
#include "delta/make/matcher.h"
#include "delta/stream/compress.h"

namespace holdfast::delta::make {
namespace {

using format::LoadShift;
using format::Match;

constexpr int kRoundsMax = 4;                ///< of matching anew by labels
constexpr std::size_t kNamesOfElfMin = 512;  ///< bytes below which references are not worth their map

/// Leaves out the shortest where there are too many.
void keep_longest(std::vector<Match>& matches, std::size_t count_max) {
  if (matches.size() <= count_max) return;
  std::vector<std::uint32_t> lengths;
  for (const Match& match : matches) lengths.push_back(match.length);
  std::ranges::nth_element(lengths, lengths.begin() + static_cast<std::ptrdiff_t>(count_max), std::greater());
  const std::uint32_t least = lengths[count_max];
  std::erase_if(matches, [&](const Match& match) { return match.length <= least; });
}

FileDelta smaller(FileDelta one, FileDelta other) {
  return other.estimate < one.estimate ? std::move(other) : std::move(one);
}

/// One pair of ELF files and what has been found out about them.
class ElfPair {
 public:
  static Result<ElfPair> make(Bytes old_file, Bytes new_file) {
    ElfPair pair(old_file, new_file);
    pair.old_finder_ = TRY(elf::SiteFinder::make(old::OldFile(pair.old_source_)));
    pair.new_finder_ = TRY(elf::SiteFinder::make(old::OldFile(pair.new_source_)));
    return pair;
  }

  /// Whether their references can be compared at all.
  bool is_fit() const {
    const auto& loads = old_finder_.elf().loads;
    return !loads.empty() && loads.size() == new_finder_.elf().loads.size();
  }

  Result<void> find_sites() {
    old_sites_ = TRY(all_sites(old_finder_, old_file_));
    new_sites_ = TRY(all_sites(new_finder_, new_file_));
    return {};
  }

  /// Matches anew by the labels that the last matches give, as long as that helps. Where it ends depends on where it
  /// began.
  Result<FileDelta> best_from(const std::vector<std::vector<Match>>& beginnings) {
    std::optional<FileDelta> best;
    for (const auto& matches : beginnings) {
      FileDelta last = TRY(judge(matches));
      for (int round = 0; round < kRoundsMax; ++round) {
        FileDelta next = TRY(judge(match_anew(last, kSteadfast)));
        if (next.estimate >= last.estimate) break;
        last = std::move(next);
      }
      best = best ? smaller(*std::move(best), std::move(last)) : std::move(last);
    }
    return smaller(*best, TRY(judge(match_anew(*best, kRestless))));
  }

 private:
  /// What the files look like to a delta with these matches, and the matches that labels from them give.
  Result<FileDelta> judge(std::vector<Match> matches) {
    keep_longest(matches, format::kMatchesMax);
    const Votes votes(old_sites_, new_sites_, matches);
    FileDelta delta{format::Kind::ElfAmd64, std::move(matches), shifts(votes), 0};
    old::OldBytes source(old_file_);
    elf::References references = TRY(elf::References::make(old::OldFile(source), delta.shifts, delta.matches));
    const MapInput input{old_file_, new_file_, delta.matches, &new_finder_.elf()};
    Blob records;
    append_map(records,
               {delta.kind,
                static_cast<std::uint32_t>(new_file_.size()),
                static_cast<std::uint32_t>(delta.matches.size()),
                {{0, 0}},
                delta.shifts},
               delta.matches);
    StreamsWriter out(records);
    TRY(MapEncoder(input, &references, out).run(static_cast<std::uint32_t>(new_file_.size()), 0));
    out.close();
    delta.estimate = stream::estimate(records);
    return delta;
  }

  std::vector<Match> match_anew(const FileDelta& delta, std::size_t worth_it) const {
    const Votes votes(old_sites_, new_sites_, delta.matches);
    const elf::TargetMap targets(old_finder_.elf(), delta.shifts, delta.matches);
    return find_matches(label_old(old_file_, old_sites_, votes, targets), label_new(new_file_, new_sites_), worth_it);
  }

  ElfPair(Bytes old_file, Bytes new_file)
      : old_file_(old_file), new_file_(new_file), old_source_(old_file), new_source_(new_file) {}

  std::vector<LoadShift> shifts(const Votes& votes) const {
    std::vector<LoadShift> shifts;
    for (std::size_t i = 0; i < old_finder_.elf().loads.size(); ++i) {
      const elf::Load& from = old_finder_.elf().loads[i];
      const elf::Load& to = new_finder_.elf().loads[i];
      const std::uint64_t address = (to.address - to.begin) - (from.address - from.begin);
      const std::uint64_t file_end = from.address + from.length;
      shifts.push_back({static_cast<std::int32_t>(address),
                        static_cast<std::int32_t>(votes.usual_shift(file_end, from.address + from.memory_length))});
    }
    return shifts;
  }

  Bytes old_file_;
  Bytes new_file_;
  old::OldBytes old_source_;
  old::OldBytes new_source_;
  elf::SiteFinder old_finder_;
  elf::SiteFinder new_finder_;
  std::vector<elf::Site> old_sites_;
  std::vector<elf::Site> new_sites_;
};

Result<FileDelta> judge_plain(Bytes old_file, Bytes new_file, std::vector<Match> matches) {
  FileDelta delta{format::Kind::Plain, std::move(matches), {}, 0};
  Blob records;
  append_map(records,
             {delta.kind,
              static_cast<std::uint32_t>(new_file.size()),
              static_cast<std::uint32_t>(delta.matches.size()),
              {},
              {}},
             delta.matches);
  StreamsWriter out(records);
  TRY(MapEncoder({old_file, new_file, delta.matches}, nullptr, out)
          .run(static_cast<std::uint32_t>(new_file.size()), 0));
  out.close();
  delta.estimate = stream::estimate(records);
  return delta;
}

}  // namespace

Result<FileDelta> make_file_delta(Bytes old_file, Bytes new_file) {
  const std::vector<Match> plain = find_matches(old_file, new_file);
  FileDelta best = TRY(judge_plain(old_file, new_file, plain));
  // What is large for what it makes may be smaller as it is.
  if (best.estimate > new_file.size() / 8) best = smaller(std::move(best), TRY(judge_plain(old_file, new_file, {})));
  if (std::min(old_file.size(), new_file.size()) < kNamesOfElfMin) return best;
  ElfPair pair = TRY(ElfPair::make(old_file, new_file));
  if (!pair.is_fit()) return best;
  TRY(pair.find_sites());
  return smaller(std::move(best), TRY(pair.best_from({plain, find_matches(old_file, new_file, kSteadfast)})));
}

}  // namespace holdfast::delta::make
