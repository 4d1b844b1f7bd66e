#include "programs/simulation/image_shelf.h"

#include <algorithm>

#include "base/text.h"
#include "trust/crypto/hash.h"

namespace holdfast::programs::simulation {
namespace {

constexpr std::size_t kOwnBytes = 4096;

}  // namespace

const ShelvedImage& ImageShelf::make(std::string component, std::string version, std::int64_t security_version,
                                     std::size_t bytes) {
  Blob content(bytes);
  random_.fork(component).fill(content);
  random_.fork(cat(component, "/", version)).fill(std::span(content).first(std::min(bytes, kOwnBytes)));
  const Digest256 sha256 = trust::crypto::sha256(content);
  ShelvedImage image{std::move(component), std::move(version), security_version, sha256, std::move(content)};
  return images_.insert_or_assign(sha256, std::move(image)).first->second;
}

const ShelvedImage* ImageShelf::find(Bytes content) const {
  const auto found = images_.find(trust::crypto::sha256(content));
  return found == images_.end() ? nullptr : &found->second;
}

}  // namespace holdfast::programs::simulation
