#include "delta/apply/summary.h"

#include "base/encoding.h"
#include "base/text.h"

namespace holdfast::delta::apply {

using format::Kind;
using format::Tag;

Result<bool> Summariser::step(Bytes& delta) {
  if (!reader_.header() && !TRY(reader_.read_header(delta))) return false;
  summary_.header = *reader_.header();
  while (!ended_) {
    if (!TRY(reader_.read_record(delta))) return false;
    TRY(take_record());
  }
  return reader_.read_end(delta);
}

Result<void> Summariser::take_record() {
  const Bytes payload = reader_.payload();
  switch (reader_.tag()) {
    case Tag::Map: {
      const format::MapHead head = TRY(format::parse_map_head(payload));
      kind_ = head.kind;
      (kind_ == Kind::Plain ? summary_.plain_maps : summary_.rewritten_files) += 1;
      summary_.matches += head.match_count;
      summary_.map_bytes += payload.size();
      break;
    }
    case Tag::Matches: summary_.match_bytes += payload.size(); break;
    case Tag::Continue: kind_ = Kind::ElfAmd64; break;
    case Tag::Streams: {
      const format::Streams streams = TRY(format::parse_streams(payload));
      (kind_ == Kind::Plain ? summary_.plain_bytes : summary_.rewritten_bytes) += streams.length;
      summary_.correction_bytes += streams.correction_gaps.size() + streams.correction_values.size();
      summary_.residual_bytes += streams.residual_gaps.size() + streams.residual_values.size();
      summary_.literal_bytes += streams.literals.size();
      break;
    }
    case Tag::End: ended_ = true; break;
  }
  return {};
}

std::string describe(const Summary& summary) {
  const format::Header& header = summary.header;
  const std::uint32_t segments = format::segment_count(header.new_image.length);
  return cat("old image    ", header.old_image.length, " bytes, SHA-256 ", to_hex(header.old_image.sha256), "\n",
             "new image    ", header.new_image.length, " bytes, SHA-256 ", to_hex(header.new_image.sha256), "\n",
             "delta        ", format::kHeaderBytes + header.frame_length, " bytes, of which a header of ",
             format::kHeaderBytes, "\n", "segments     ", segments, " of ", format::kSegmentBytes,
             " bytes; their digests are elsewhere: ", segments * sizeof(Digest256), " bytes\n", "plain        ",
             summary.plain_bytes, " new bytes in ", summary.plain_maps, " maps\n", "rewritten    ",
             summary.rewritten_bytes, " new bytes in ", summary.rewritten_files, " files\n", "matches      ",
             summary.matches, "\n", "before compression: maps ", summary.map_bytes, ", matches ", summary.match_bytes,
             ", references ", summary.correction_bytes, ", residual ", summary.residual_bytes, ", literals ",
             summary.literal_bytes, " bytes\n");
}

}  // namespace holdfast::delta::apply
