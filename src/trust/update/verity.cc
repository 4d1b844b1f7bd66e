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

Digest256 digest_of(const Digest256& salt, Bytes block) { return crypto::sha256({salt, block}); }

}  // namespace

Result<Verity> verity_from(json::Fields fields) {
  Verity out;
  out.data_offset = TRY(fields.integer("data_offset", 0, tuf::kLengthMax));
  TRY(require_verity_fits(out.data_offset + kVerityBlockBytes, out.data_offset));
  out.salt = TRY(fields.digest256("salt"));
  out.root = TRY(fields.digest256("root"));
  TRY(fields.done());
  return out;
}

json::Value to_json(const Verity& verity) {
  return json::Object{
      {"data_offset", verity.data_offset}, {"salt", to_hex(verity.salt)}, {"root", to_hex(verity.root)}};
}

Digest256 verity_salt(std::string_view component, std::string_view version) {
  return crypto::sha256(as_bytes(cat("holdfast-verity-v1 ", component, " ", version)));
}

Result<void> require_verity_fits(std::int64_t length, std::int64_t data_offset) {
  const bool is_whole = length % kVerityBlockBytes == 0 && data_offset % kVerityBlockBytes == 0;
  if (is_whole && data_offset >= 0 && data_offset < length) return {};
  return fail(Next::Rejected, kVerityMalformed,
              cat("expected a root of whole blocks of ", kVerityBlockBytes, " bytes, saw one from byte ", data_offset,
                  " on in an image of ", length));
}

std::int64_t verity_tree_bytes(std::int64_t length, std::int64_t data_offset) {
  std::int64_t blocks = (length - data_offset) / kVerityBlockBytes;
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

Result<MadeVerity> make_verity(Bytes image, std::int64_t data_offset, const Digest256& salt) {
  TRY(require_verity_fits(std::ssize(image), data_offset));
  VerityBuilder builder(salt);
  builder.add(image.subspan(static_cast<std::size_t>(data_offset)));
  VerityTree tree = std::move(builder).finish();
  return MadeVerity{{data_offset, salt, tree.root}, std::move(tree.bytes)};
}

}  // namespace holdfast::trust::update
