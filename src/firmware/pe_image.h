// A program that UEFI firmware starts: a PE32+ image (PE/COFF specification). Its Authenticode digest is what db signs
// and what PCR 4 is extended with (TCG PC Client Platform Firmware Profile §3.3.4.5); the sections of a unified kernel
// image are what it measures of itself. Refuses images whose parts overlap or lie outside of the file.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::firmware {

inline constexpr Reason kPeImageMalformed{"pe-image-malformed"};

inline constexpr std::size_t kPeImageBytesMax = 256 * 1024 * 1024;
inline constexpr std::size_t kPeSectionsMax = 64;

struct PeSection {
  std::string name;
  Bytes contents;  ///< as loaded: of its virtual size, as far as the file has it
};

/// Borrows the file.
class PeImage {
 public:
  static Result<PeImage> parse(Bytes file);

  /// SHA-256 over all but the checksum, the entry of the certificate table and the table.
  Digest256 authenticode_sha256() const;
  const std::vector<PeSection>& sections() const { return sections_; }
  const PeSection* section(std::string_view name) const;

 private:
  struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  explicit PeImage(Bytes file) : file_(file) {}
  Bytes part(Range range) const { return file_.subspan(range.begin, range.end - range.begin); }
  Result<void> read_sections(std::size_t table, std::size_t count);

  Bytes file_;
  std::vector<Range> header_;  ///< what of the headers is hashed
  std::vector<Range> raw_;     ///< of the sections, in the order of the file
  Range tail_;                 ///< behind the sections, without the certificates
  std::vector<PeSection> sections_;
};

}  // namespace holdfast::firmware
