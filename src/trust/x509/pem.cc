#include "trust/x509/pem.h"

#include "base/encoding.h"
#include "base/text.h"

namespace holdfast::trust::x509 {
namespace {

constexpr std::size_t kLineChars = 64;

std::unexpected<Error> malformed(std::string_view label, std::string_view seen) {
  return fail(Next::Rejected, kPemMalformed, cat("expected PEM with '", printable(label, 40), "' blocks, saw ", seen));
}

Result<Blob> decoded(std::string_view body, std::string_view label) {
  std::string packed;
  packed.reserve(body.size());
  for (const char c : body) {
    if (c != '\n' && c != '\r' && c != ' ' && c != '\t') packed += c;
  }
  auto der = from_base64(packed);
  if (!der || der->empty()) return malformed(label, "a block that is not base64");
  return std::move(*der);
}

}  // namespace

Result<std::vector<Blob>> pem_blocks(std::string_view text, std::string_view label) {
  if (text.size() > kPemBytesMax) return malformed(label, cat(text.size(), " bytes, more than ", kPemBytesMax));
  const std::string begin = cat("-----BEGIN ", label, "-----");
  const std::string end = cat("-----END ", label, "-----");
  std::vector<Blob> blocks;
  std::size_t at = 0;
  while ((at = text.find(begin, at)) != std::string_view::npos) {
    const std::size_t body = at + begin.size();
    const std::size_t stop = text.find(end, body);
    if (stop == std::string_view::npos) return malformed(label, "one that does not end");
    if (blocks.size() == kPemBlocksMax) return malformed(label, cat("more than ", kPemBlocksMax));
    blocks.push_back(TRY(decoded(text.substr(body, stop - body), label)));
    at = stop + end.size();
  }
  return blocks;
}

std::string to_pem(std::string_view label, Bytes der) {
  std::string out = cat("-----BEGIN ", label, "-----\n");
  const std::string body = to_base64(der);
  for (std::size_t at = 0; at < body.size(); at += kLineChars) append(out, cat(body.substr(at, kLineChars), '\n'));
  return cat(out, "-----END ", label, "-----\n");
}

}  // namespace holdfast::trust::x509
