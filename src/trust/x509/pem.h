// PEM text (RFC 7468): blocks of one label out of a text, and back. Text between blocks and blocks of other labels are
// passed over, as files of trusted roots have both. A block of the wanted label that does not decode, has headers, or
// never ends refuses the whole text, so that nothing is dropped in silence.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::trust::x509 {

inline constexpr Reason kPemMalformed{"pem-malformed"};

inline constexpr std::size_t kPemBytesMax = 16 * 1024 * 1024;
inline constexpr std::size_t kPemBlocksMax = 4096;

Result<std::vector<Blob>> pem_blocks(std::string_view text, std::string_view label);
std::string to_pem(std::string_view label, Bytes der);

}  // namespace holdfast::trust::x509
