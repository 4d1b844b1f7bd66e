#include "trust/tuf/content.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "trust/crypto/hash.h"

namespace holdfast::trust::tuf {
namespace {

constexpr std::size_t kSha512Bytes = 64;

std::unexpected<Error> differs(std::string_view what, std::string_view algorithm, Bytes expected, Bytes seen) {
  return fail(Next::Rejected, kContentDiffers,
              cat("expected ", what, " with ", algorithm, " ", to_hex(expected), ", saw ", to_hex(seen)));
}

}  // namespace

Result<Hashes> read_hashes(json::Fields& fields) {
  auto members = TRY(fields.object("hashes"));
  Hashes out;
  if (members.has("sha256")) out.sha256 = TRY(members.digest256("sha256"));
  if (members.has("sha512")) {
    const Blob digest = TRY(members.hex("sha512", kSha512Bytes));
    if (digest.size() != kSha512Bytes) {
      return fail(Next::Rejected, kContentMalformed, cat("expected 64 bytes of SHA-512, saw ", digest.size()));
    }
    out.sha512.emplace();
    std::ranges::copy(digest, out.sha512->begin());
  }
  return out;
}

json::Value write_hashes(const Hashes& hashes) {
  json::Object out;
  if (hashes.sha256) out.emplace_back("sha256", to_hex(*hashes.sha256));
  if (hashes.sha512) out.emplace_back("sha512", to_hex(*hashes.sha512));
  return out;
}

Result<void> require_known_hash(std::string_view what, const Hashes& hashes) {
  if (hashes.sha256 || hashes.sha512) return {};
  return fail(Next::Rejected, kContentMalformed,
              cat("expected a digest of ", printable(what), " by SHA-256 or SHA-512, saw neither"));
}

Result<void> require_hashes(std::string_view what, const Hashes& hashes, Bytes bytes) {
  if (hashes.sha256) {
    const Digest256 seen = crypto::sha256(bytes);
    if (seen != *hashes.sha256) return differs(what, "SHA-256", *hashes.sha256, seen);
  }
  if (hashes.sha512) {
    const Blob seen = crypto::hash(crypto::HashAlgorithm::Sha512, {bytes});
    if (!equal(seen, *hashes.sha512)) return differs(what, "SHA-512", *hashes.sha512, seen);
  }
  return {};
}

}  // namespace holdfast::trust::tuf
