#include "delta/make/map_encoder.h"

#include <algorithm>

namespace holdfast::delta::make {
namespace {

using elf::Form;
using elf::Prediction;

/// Knows what the references must be, and tells the streams.
class Corrections {
 public:
  Corrections(const elf::ElfFile& new_elf, Bytes old_bytes, Bytes new_bytes, std::uint32_t old_begin,
              StreamsWriter& out)
      : new_elf_(new_elf), old_(old_bytes), new_(new_bytes), old_begin_(old_begin), out_(out) {}

  bool is_wrong(const Prediction& prediction) {
    const std::size_t at = prediction.site.offset - old_begin_;
    const bool is_wrong = elf::width_of(prediction.site.form) == 8 ? compare<std::uint64_t>(prediction, at)
                                                                   : compare<std::uint32_t>(prediction, at);
    if (is_wrong) {
      out_.wrong_reference(change_);
    } else {
      out_.right_reference();
    }
    return is_wrong;
  }
  Result<std::int32_t> next() { return change_; }

 private:
  template <class Word>
  bool compare(const Prediction& prediction, std::size_t at) {
    const auto wanted = elf::word_at<Word>(&new_[at]);
    if (wanted == static_cast<Word>(prediction.operand)) return false;
    change_ = 0;
    if (wanted == elf::word_at<Word>(&old_[at])) return true;
    const Word change = wanted - static_cast<Word>(prediction.operand);
    change_ = static_cast<std::int32_t>(change);
    if (static_cast<Word>(static_cast<std::int64_t>(change_)) != change) return false;
    return is_plausible(prediction, wanted);
  }

  /// Whether it is a reference in the new file too; else single bytes are cheaper.
  bool is_plausible(const Prediction& prediction, std::uint64_t operand) const {
    const auto distance = static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(operand)});
    switch (prediction.site.form) {
      case Form::Relative32: return new_elf_.is_loaded(prediction.place + prediction.site.base + distance);
      case Form::Based32: return new_elf_.is_loaded(prediction.base + distance);
      case Form::Absolute64: return new_elf_.is_loaded(operand);
      default: return true;
    }
  }

  const elf::ElfFile& new_elf_;
  Bytes old_;
  Bytes new_;
  std::uint32_t old_begin_;
  StreamsWriter& out_;
  std::int32_t change_ = 0;
};

}  // namespace

Result<void> MapEncoder::run(std::uint32_t length, std::uint64_t place) {
  while (length > 0) {
    std::uint32_t size =
        std::min(length, static_cast<std::uint32_t>(format::kPieceBytes - place % format::kPieceBytes));
    const bool has_match = next_ < input_.matches.size();
    if (has_match && input_.matches[next_].new_begin <= at_) {
      const format::Match& match = input_.matches[next_];
      size = std::min(size, match.new_end() - at_);
      if (match.new_end() == at_ + size) ++next_;
      TRY(piece(match, size));
    } else {
      if (has_match) size = std::min(size, input_.matches[next_].new_begin - at_);
      out_.literal(input_.new_file.subspan(at_, size));
    }
    out_.end_piece();
    at_ += size;
    place += size;
    length -= size;
  }
  return {};
}

Result<void> MapEncoder::piece(const format::Match& match, std::uint32_t length) {
  const std::uint32_t old_begin = match.old_begin + (at_ - match.new_begin);
  const Bytes old_bytes = input_.old_file.subspan(old_begin, length);
  const Bytes new_bytes = input_.new_file.subspan(at_, length);
  if (references_ == nullptr) {
    out_.match(old_bytes, new_bytes);
    return {};
  }
  predicted_.assign(old_bytes.begin(), old_bytes.end());
  // The decoder has no more than this around a piece, so neither may be told more.
  const std::uint32_t begin = old_begin - std::min(old_begin, elf::kViewBehind);
  const auto end = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(input_.old_file.size(), std::uint64_t{old_begin} + length + elf::kViewAhead));
  const elf::View view{input_.old_file.data() + begin, begin, end};
  Corrections corrections(*input_.new_elf, old_bytes, new_bytes, old_begin, out_);
  TRY(references_->rewrite(view, old_begin, at_, predicted_, corrections));
  out_.match(predicted_, new_bytes);
  return {};
}

void append_map(Blob& records, const format::MapHead& head, std::span<const format::Match> matches) {
  format::append_record(records, format::Tag::Map, format::encode(head));
  format::Match previous;
  while (!matches.empty()) {
    const auto some = matches.first(std::min<std::size_t>(matches.size(), format::kRecordMatchesMax));
    format::append_record(records, format::Tag::Matches, format::encode_matches(some, previous));
    previous = some.back();
    matches = matches.subspan(some.size());
  }
}

}  // namespace holdfast::delta::make
