#include "firmware/pe_image.h"

#include <algorithm>

#include "base/byte_io.h"
#include "base/text.h"
#include "trust/crypto/running_hash.h"

namespace holdfast::firmware {
namespace {

// PE/COFF specification §2 to §4; offsets within the optional header of a PE32+ image.
constexpr std::string_view kPe{"PE\0\0", 4};
constexpr std::size_t kDosHeaderBytes = 64;
constexpr std::size_t kPeOffsetAt = 60;
constexpr std::size_t kCoffHeaderBytes = 24;  ///< with its signature
constexpr std::uint16_t kPe32Plus = 0x20B;
constexpr std::size_t kHeadersBytesAt = 60;
constexpr std::size_t kChecksumAt = 64;
constexpr std::size_t kDirectoryCountAt = 108;
constexpr std::size_t kCertificatesAt = 144;
constexpr std::size_t kSectionHeaderBytes = 40;
constexpr std::size_t kSectionNameBytes = 8;
constexpr std::uint32_t kCertificatesIndex = 4;

std::unexpected<Error> malformed(std::string why) {
  return fail(Next::Rejected, kPeImageMalformed, "PE image: " + std::move(why));
}

Result<std::size_t> number32(Bytes file, std::size_t at) {
  if (at > file.size()) return malformed("expected a number within the file, saw its end");
  ByteReader reader(file.subspan(at), Endian::Little, "PE image");
  return TRY(reader.u32());
}
Result<std::size_t> number16(Bytes file, std::size_t at) {
  if (at > file.size()) return malformed("expected a number within the file, saw its end");
  ByteReader reader(file.subspan(at), Endian::Little, "PE image");
  return TRY(reader.u16());
}

}  // namespace

Result<PeImage> PeImage::parse(Bytes file) {
  if (file.size() < kDosHeaderBytes || file.size() > kPeImageBytesMax || file[0] != 'M' || file[1] != 'Z') {
    return malformed("expected a file that begins with MZ, saw another");
  }
  const std::size_t coff = TRY(number32(file, kPeOffsetAt));
  if (coff > file.size() || as_text(file.subspan(coff).first(std::min(kPe.size(), file.size() - coff))) != kPe) {
    return malformed("expected a PE header, saw other bytes");
  }
  const std::size_t count = TRY(number16(file, coff + 6));
  const std::size_t optional = coff + kCoffHeaderBytes;
  const std::size_t optional_bytes = TRY(number16(file, coff + 20));
  if (TRY(number16(file, optional)) != kPe32Plus) return malformed("expected a 64-bit image, saw another");
  const bool has_certificates = TRY(number32(file, optional + kDirectoryCountAt)) > kCertificatesIndex;
  const std::size_t headers = TRY(number32(file, optional + kHeadersBytesAt));
  const std::size_t table = optional + optional_bytes;
  const std::size_t table_end = table + count * kSectionHeaderBytes;
  const bool fits = has_certificates && optional_bytes >= kCertificatesAt + 8 && table_end <= headers &&
                    headers <= file.size() && count <= kPeSectionsMax;
  if (!fits) return malformed("expected headers with at most 64 sections and a certificate entry, saw others");
  PeImage out(file);
  out.header_ = {{0, optional + kChecksumAt},
                 {optional + kChecksumAt + 4, optional + kCertificatesAt},
                 {optional + kCertificatesAt + 8, headers}};
  TRY(out.read_sections(table, count));
  const std::size_t certificates_at = TRY(number32(file, optional + kCertificatesAt));
  const std::size_t certificates = TRY(number32(file, optional + kCertificatesAt + 4));
  // As firmware counts: where sections leave gaps, the tail begins before the end of the last one.
  std::size_t hashed = headers;
  for (const Range& one : out.raw_) hashed += one.end - one.begin;
  out.tail_ = {hashed, certificates == 0 ? file.size() : certificates_at};
  const bool is_last = certificates == 0 || certificates_at + certificates == file.size();
  if (is_last && out.tail_.begin <= out.tail_.end && out.tail_.end <= file.size()) return out;
  return malformed("expected its certificates at the end of the file, saw them elsewhere");
}

Result<void> PeImage::read_sections(std::size_t table, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = table + i * kSectionHeaderBytes;
    ByteReader reader(file_.subspan(at, kSectionHeaderBytes), Endian::Little, "PE section");
    const std::string_view name = as_text(TRY(reader.take(kSectionNameBytes)));
    const std::size_t loaded = TRY(reader.u32());
    TRY(reader.u32());
    const std::size_t raw = TRY(reader.u32());
    const std::size_t raw_at = TRY(reader.u32());
    if (raw_at > file_.size() || raw > file_.size() - raw_at) {
      return malformed(cat("expected section ", printable(name), " within the file, saw it outside"));
    }
    if (raw > 0) raw_.push_back({raw_at, raw_at + raw});
    sections_.push_back({std::string(name.substr(0, name.find('\0'))), file_.subspan(raw_at, std::min(loaded, raw))});
  }
  std::ranges::sort(raw_, {}, &Range::begin);
  std::size_t end = header_.back().end;
  for (const Range& one : raw_) {
    if (one.begin < end) return malformed("expected sections one after the other, saw some that overlap");
    end = one.end;
  }
  return {};
}

Digest256 PeImage::authenticode_sha256() const {
  trust::crypto::RunningSha256 digest;
  for (const Range& one : header_) digest.add(part(one));
  for (const Range& one : raw_) digest.add(part(one));
  digest.add(part(tail_));
  return digest.take();
}

const PeSection* PeImage::section(std::string_view name) const {
  const auto found = std::ranges::find(sections_, name, &PeSection::name);
  return found == sections_.end() ? nullptr : &*found;
}

}  // namespace holdfast::firmware
