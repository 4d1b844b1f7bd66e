#include "delta/make/delta.h"

#include <algorithm>
#include <memory>

#include "base/text.h"
#include "delta/make/erofs.h"
#include "delta/make/map_encoder.h"
#include "delta/make/placed.h"
#include "delta/make/plan.h"
#include "delta/stream/compress.h"
#include "trust/crypto/hash.h"

namespace holdfast::delta::make {
namespace {

using format::Kind;
using format::Match;

constexpr std::uint64_t kImageBytesMax = 0x7FFFFFFF;
constexpr std::uint64_t kTriedAsOneMax = 64 * 1024 * 1024;  ///< above it matching would take too much memory

/// Writes the records of a plan in the order of the new bytes.
class Writing {
 public:
  Writing(Bytes old_image, Bytes new_image, Plan plan) : old_(old_image), new_(new_image), plan_(std::move(plan)) {}

  Result<Blob> run() {
    std::uint64_t at = 0;
    for (const Stretch& stretch : plan_.stretches) {
      TRY(write_plain(at, stretch.at.begin));
      TRY(stretch.is_continued ? continue_file(stretch) : begin_file(stretch));
      at = std::uint64_t{stretch.at.begin} + stretch.at.length;
    }
    TRY(write_plain(at, new_.size()));
    format::append_record(records_, format::Tag::End, {});
    return std::move(records_);
  }

 private:
  /// The file that is under way.
  struct Open {
    Blob old_file;
    Blob new_file;
    old::OldBytes old_source;
    old::OldBytes new_source;
    elf::ElfFile new_elf;
    std::unique_ptr<elf::References> references;
    std::unique_ptr<MapEncoder> encoder;
  };

  Result<void> write_plain(std::uint64_t begin, std::uint64_t end) {
    while (begin < end) {
      std::vector<Match> matches;
      std::uint64_t map_end = end;
      for (; next_ < plan_.matches.size() && plan_.matches[next_].new_begin < end; ++next_) {
        if (matches.size() == format::kPlainMatchesMax) {
          map_end = begin + matches.back().new_end();
          break;
        }
        Match match = plan_.matches[next_];
        match.new_begin -= static_cast<std::uint32_t>(begin);
        matches.push_back(match);
      }
      const auto length = static_cast<std::uint32_t>(map_end - begin);
      append_map(records_, {Kind::Plain, length, static_cast<std::uint32_t>(matches.size()), {}, {}}, matches);
      MapEncoder encoder({old_, new_.subspan(begin, length), matches}, nullptr, streams_);
      TRY(encoder.run(length, begin));
      streams_.close();
      begin = map_end;
    }
    return {};
  }

  Result<void> begin_file(const Stretch& stretch) {
    const RewrittenFile& file = plan_.files[stretch.file];
    Blob old_file = gather(old_, file.old_extents);
    Blob new_file = gather(new_, file.new_extents);
    const old::OldBytes old_source(old_file);
    const old::OldBytes new_source(new_file);
    open_ = std::make_unique<Open>(std::move(old_file), std::move(new_file), old_source, new_source);
    open_->new_elf = TRY(elf::read_elf(old::OldFile(open_->new_source)));
    open_->references = std::make_unique<elf::References>(
        TRY(elf::References::make(old::OldFile(open_->old_source), file.delta.shifts, file.delta.matches)));
    const MapInput input{open_->old_file, open_->new_file, file.delta.matches, &open_->new_elf};
    open_->encoder = std::make_unique<MapEncoder>(input, open_->references.get(), streams_);
    append_map(records_,
               {Kind::ElfAmd64, stretch.at.length, static_cast<std::uint32_t>(file.delta.matches.size()),
                file.old_extents, file.delta.shifts},
               file.delta.matches);
    return encode(stretch);
  }

  Result<void> continue_file(const Stretch& stretch) {
    Blob payload;
    format::append_number(payload, stretch.at.length);
    format::append_record(records_, format::Tag::Continue, payload);
    return encode(stretch);
  }

  Result<void> encode(const Stretch& stretch) {
    TRY(open_->encoder->run(stretch.at.length, stretch.at.begin));
    streams_.close();
    return {};
  }

  Bytes old_;
  Bytes new_;
  Plan plan_;
  Blob records_;
  StreamsWriter streams_{records_};
  std::size_t next_ = 0;  ///< of plan_.matches
  std::unique_ptr<Open> open_;
};

Result<Blob> make_frame(Bytes old_image, Bytes new_image, Plan plan) {
  return stream::compress(TRY(Writing(old_image, new_image, std::move(plan)).run()));
}

}  // namespace

Result<Blob> make_delta(Bytes old_image, Bytes new_image, const Progress& progress) {
  if (std::max(old_image.size(), new_image.size()) > kImageBytesMax) {
    return fail(Next::Rejected, kImageTooLarge,
                cat("delta: expected images of at most ", kImageBytesMax, " bytes, saw one of ",
                    std::max(old_image.size(), new_image.size())));
  }
  Blob frame = TRY(make_frame(old_image, new_image, TRY(make_plan(old_image, new_image, progress))));
  if (std::max(old_image.size(), new_image.size()) <= kTriedAsOneMax && !files_of_erofs(new_image).empty()) {
    Blob other = TRY(make_frame(old_image, new_image, make_plan_of_whole(old_image, new_image)));
    if (other.size() < frame.size()) frame = std::move(other);
  }
  Blob delta = format::encode({.old_image = {old_image.size(), trust::crypto::sha256(old_image)},
                               .new_image = {new_image.size(), trust::crypto::sha256(new_image)},
                               .frame_length = frame.size()});
  delta.insert(delta.end(), frame.begin(), frame.end());
  return delta;
}

}  // namespace holdfast::delta::make
