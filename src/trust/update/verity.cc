#include "trust/update/verity.h"

#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"
#include "base/text.h"
#include "trust/crypto/hash.h"
#include "trust/tuf/targets.h"

namespace holdfast::trust::update {
namespace {

constexpr auto kBlock = static_cast<std::size_t>(kVerityBlockBytes);
constexpr std::int64_t kDigestsPerBlock = kVerityBlockBytes / 32;

std::int64_t blocks_of(std::int64_t bytes) { return (bytes + kVerityBlockBytes - 1) / kVerityBlockBytes; }

Digest256 digest_of(const Digest256& salt, Bytes block) { return crypto::sha256({salt, block}); }

Result<void> require_blocks(std::int64_t data_bytes, std::int64_t length) {
  const bool is_whole = data_bytes > 0 && data_bytes % kVerityBlockBytes == 0 && data_bytes <= length;
  if (is_whole) return {};
  return fail(Next::Rejected, kVerityMalformed,
              cat("expected whole blocks of ", kVerityBlockBytes, " bytes of an image of ", length, " to verify, saw ",
                  data_bytes, " bytes"));
}

}  // namespace

Result<Verity> verity_from(json::Fields fields) {
  Verity out;
  out.data_bytes = TRY(fields.integer("data_bytes", kVerityBlockBytes, tuf::kLengthMax));
  TRY(require_blocks(out.data_bytes, out.data_bytes));
  out.salt = TRY(fields.digest256("salt"));
  out.root = TRY(fields.digest256("root"));
  TRY(fields.done());
  return out;
}

json::Value to_json(const Verity& verity) {
  return json::Object{{"data_bytes", verity.data_bytes}, {"salt", to_hex(verity.salt)}, {"root", to_hex(verity.root)}};
}

Digest256 verity_salt(std::string_view component, std::string_view version) {
  return crypto::sha256(as_bytes(cat("holdfast-verity-v1 ", component, " ", version)));
}

std::int64_t verity_tree_at(std::int64_t length) { return blocks_of(length) * kVerityBlockBytes; }

std::int64_t verity_tree_bytes(std::int64_t data_bytes) {
  std::int64_t blocks = blocks_of(data_bytes);
  std::int64_t out = 0;
  while (blocks > 1) {
    blocks = (blocks + kDigestsPerBlock - 1) / kDigestsPerBlock;
    out += blocks * kVerityBlockBytes;
  }
  return out;
}

void VerityBuilder::add(Bytes blocks) {
  CHECK_INVARIANT(blocks.size() % kBlock == 0);
  for (std::size_t at = 0; at < blocks.size(); at += kBlock) {
    const Digest256 digest = digest_of(salt_, blocks.subspan(at, kBlock));
    digests_.insert(digests_.end(), digest.begin(), digest.end());
  }
}

VerityTree VerityBuilder::finish() && {
  CHECK_INVARIANT(!digests_.empty());
  std::vector<Blob> levels;
  while (digests_.size() > Digest256{}.size()) {
    digests_.resize((digests_.size() + kBlock - 1) / kBlock * kBlock);
    levels.push_back(std::exchange(digests_, {}));
    add(levels.back());
  }
  VerityTree out;
  std::ranges::copy(digests_, out.root.begin());
  for (; !levels.empty(); levels.pop_back()) {
    out.bytes.insert(out.bytes.end(), levels.back().begin(), levels.back().end());
  }
  return out;
}

Result<Verity> make_verity(Bytes image, std::int64_t data_bytes, const Digest256& salt) {
  TRY(require_blocks(data_bytes, std::ssize(image)));
  VerityBuilder builder(salt);
  builder.add(image.first(static_cast<std::size_t>(data_bytes)));
  return Verity{data_bytes, salt, std::move(builder).finish().root};
}

}  // namespace holdfast::trust::update
