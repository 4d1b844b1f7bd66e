#include "programs/holdfast_delta/apply.h"

#include <optional>

#include "base/encoding.h"
#include "base/text.h"
#include "delta/apply/decoder.h"
#include "delta/apply/summary.h"
#include "programs/holdfast_delta/image_file.h"

namespace holdfast::programs {
namespace {

using delta::apply::Decoder;
using delta::apply::Step;
using delta::format::kSegmentBytes;

constexpr std::size_t kPieceBytes = 32 * 1024;

/// A delta's file, a piece at a time.
class Pieces {
 public:
  static Result<Pieces> open(const std::filesystem::path& path) { return Pieces(TRY(OldImageFile::open(path))); }

  /// The next bytes; an error where there are none.
  Result<Bytes> next() {
    const std::uint64_t left = file_.length() - at_;
    if (left == 0) {
      return fail(Next::Corrupt, kDeltaShort, cat("expected a whole delta, saw one that ends after ", at_, " bytes"));
    }
    const auto part = std::span(bytes_).first(static_cast<std::size_t>(std::min<std::uint64_t>(left, bytes_.size())));
    TRY(file_.read(at_, part));
    at_ += part.size();
    return Bytes(part);
  }
  bool is_at_end() const { return at_ == file_.length(); }

 private:
  explicit Pieces(OldImageFile file) : file_(std::move(file)), bytes_(kPieceBytes) {}
  OldImageFile file_;
  std::uint64_t at_ = 0;
  Blob bytes_;
};

Result<void> require_old_image(OldImageFile& image, const delta::format::Header& header) {
  const Digest256 digest = TRY(image.sha256());
  if (digest == header.old_image.sha256) return {};
  return fail(
      Next::Rejected, kOldImageWrong,
      cat("expected an old image with the SHA-256 ", to_hex(header.old_image.sha256), ", saw ", to_hex(digest)));
}

class Application {
 public:
  Application(const ApplyPaths& paths, bool check_old, OldImageFile old_image, Pieces pieces)
      : paths_(paths),
        check_old_(check_old),
        old_image_(std::move(old_image)),
        pieces_(std::move(pieces)),
        decoder_(old_image_) {}

  Result<void> run() {
    Bytes delta;
    for (;;) {
      const auto step = decoder_.step(delta);
      if (!step) return blame(step.error());
      if (decoder_.header() && !new_image_) TRY(begin());
      switch (*step) {
        case Step::WantsDelta: delta = TRY(pieces_.next()); break;
        case Step::Segment: {
          const Decoder::Segment segment = decoder_.segment();
          TRY(new_image_->write(std::uint64_t{segment.index} * kSegmentBytes, segment.bytes));
          break;
        }
        case Step::Done:
          if (pieces_.is_at_end()) return new_image_->keep();
          return fail(Next::Corrupt, kDeltaShort, "expected the delta to end with its frame, saw more bytes");
      }
    }
  }

 private:
  Result<void> begin() {
    if (check_old_) TRY(require_old_image(old_image_, *decoder_.header()));
    new_image_.emplace(TRY(NewImageFile::make(paths_.new_image, decoder_.header()->new_image.length)));
    return {};
  }

  /// A new image that is wrong can come of a wrong old one, which is then what to say.
  Result<void> blame(Error error) {
    const bool may_be_old = decoder_.header() && error.reason != delta::apply::kOldImageOther && !check_old_;
    if (may_be_old) TRY(require_old_image(old_image_, *decoder_.header()));
    return std::unexpected(std::move(error));
  }

  const ApplyPaths& paths_;
  bool check_old_;
  OldImageFile old_image_;
  Pieces pieces_;
  Decoder decoder_;
  std::optional<NewImageFile> new_image_;
};

}  // namespace

Result<void> apply_delta(const ApplyPaths& paths, bool check_old) {
  OldImageFile old_image = TRY(OldImageFile::open(paths.old_image));
  Pieces pieces = TRY(Pieces::open(paths.delta));
  return Application(paths, check_old, std::move(old_image), std::move(pieces)).run();
}

Result<std::string> show_delta(const std::filesystem::path& delta) {
  Pieces pieces = TRY(Pieces::open(delta));
  delta::apply::Summariser summariser;
  for (Bytes some; !TRY(summariser.step(some));) some = TRY(pieces.next());
  return delta::apply::describe(summariser.summary());
}

}  // namespace holdfast::programs
