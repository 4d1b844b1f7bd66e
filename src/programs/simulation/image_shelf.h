// The images of a simulation, which say who they are by their bytes: so what runs is known without asking the agent.
#pragma once

#include <map>
#include <string>

#include "base/bytes.h"
#include "sim/random/seeded_random.h"

namespace holdfast::programs::simulation {

struct ShelvedImage {
  std::string component;
  std::string version;
  std::int64_t security_version = 0;
  Digest256 sha256{};
  Blob content;
};

class ImageShelf {
 public:
  explicit ImageShelf(sim::random::SeededRandom random) : random_(std::move(random)) {}

  /// `bytes` of it: some of its own, the rest shared by every version of the component.
  const ShelvedImage& make(std::string component, std::string version, std::int64_t security_version,
                           std::size_t bytes);
  /// Nothing where these bytes are no image of this world.
  const ShelvedImage* find(Bytes content) const;

 private:
  sim::random::SeededRandom random_;
  std::map<Digest256, ShelvedImage> images_;
};

}  // namespace holdfast::programs::simulation
