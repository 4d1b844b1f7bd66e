#include "trust/appraisal/align.h"

#include <algorithm>

namespace holdfast::trust::appraisal {
namespace {

/// The stretch that is left between the common beginning and the common end.
struct Stretch {
  std::size_t expected_from;
  std::size_t expected_to;
  std::size_t seen_from;
  std::size_t seen_to;
  std::size_t rows() const { return expected_to - expected_from; }
  std::size_t columns() const { return seen_to - seen_from; }
};

class Alignment {
 public:
  Alignment(std::span<const ReferenceEvent* const> expected, std::span<const eventlog::Event* const> seen)
      : expected_(expected), at_(expected.size(), kUnaligned) {
    for (std::size_t i = 0; i < seen.size(); ++i) {
      if (seen[i] != nullptr) seen_.push_back({seen[i], i});
    }
  }

  std::vector<std::size_t> run() {
    Stretch middle{0, expected_.size(), 0, seen_.size()};
    while (middle.rows() > 0 && middle.columns() > 0 && fits(middle.expected_from, middle.seen_from)) {
      pair(middle.expected_from++, middle.seen_from++);
    }
    while (middle.rows() > 0 && middle.columns() > 0 && fits(middle.expected_to - 1, middle.seen_to - 1)) {
      pair(--middle.expected_to, --middle.seen_to);
    }
    if (middle.rows() * middle.columns() <= kAlignCellsMax) align_middle(middle);
    return std::move(at_);
  }

 private:
  struct Seen {
    const eventlog::Event* event;
    std::size_t index;
  };

  bool fits(std::size_t row, std::size_t column) const { return is_event(*expected_[row], *seen_[column].event); }
  void pair(std::size_t row, std::size_t column) { at_[row] = seen_[column].index; }

  void align_middle(const Stretch& middle) {
    const std::size_t width = middle.columns() + 1;
    // longest[r, c]: of the rows from r and the columns from c on.
    std::vector<std::uint16_t> longest((middle.rows() + 1) * width);
    for (std::size_t r = middle.rows(); r-- > 0;) {
      for (std::size_t c = middle.columns(); c-- > 0;) {
        const std::size_t here = r * width + c;
        longest[here] = fits(middle.expected_from + r, middle.seen_from + c)
                            ? static_cast<std::uint16_t>(longest[here + width + 1] + 1)
                            : std::max(longest[here + width], longest[here + 1]);
      }
    }
    for (std::size_t r = 0, c = 0; r < middle.rows() && c < middle.columns();) {
      const std::size_t here = r * width + c;
      if (fits(middle.expected_from + r, middle.seen_from + c)) {
        pair(middle.expected_from + r++, middle.seen_from + c++);
      } else if (longest[here + width] >= longest[here + 1]) {
        ++r;
      } else {
        ++c;
      }
    }
  }

  std::span<const ReferenceEvent* const> expected_;
  std::vector<Seen> seen_;
  std::vector<std::size_t> at_;
};

}  // namespace

bool is_event(const ReferenceEvent& expected, const eventlog::Event& seen) {
  return equal(expected.digest, eventlog::digest_of(seen, crypto::HashAlgorithm::Sha256));
}

std::vector<std::size_t> align(std::span<const ReferenceEvent* const> expected,
                               std::span<const eventlog::Event* const> seen) {
  return Alignment(expected, seen).run();
}

}  // namespace holdfast::trust::appraisal
