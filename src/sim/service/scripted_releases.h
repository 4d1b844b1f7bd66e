// An owner's image repository and director in memory, with real metadata and real signatures: what is released is
// published at once, what is directed is signed at once. Hands out files by range as a service does. What an attacker
// would do to them a test does in `before_answer`.
#pragma once

#include <functional>
#include <map>

#include "ports/clock.h"
#include "ports/net.h"
#include "trust/crypto/key.h"
#include "trust/tuf/director_targets.h"
#include "trust/update/image.h"

namespace holdfast::sim::service {

class ScriptedReleases {
 public:
  struct Delta {
    Blob from;   ///< the image that it starts from
    Blob bytes;  ///< the delta
  };

  /// `owner` holds every role of the repository. The clock must outlive this.
  ScriptedReleases(std::string catalog, trust::crypto::PrivateKey owner, trust::crypto::PrivateKey director,
                   ports::Clock& clock);

  /// Publishes an image with its manifest and deltas; `image.manifest` is made here. Returns the path of its target.
  std::string release(trust::update::Image image, Bytes content, const std::vector<Delta>& deltas = {});
  /// As `holdfast release revoke` does it, but that the image stays listed, as a maker may leave it.
  void withdraw(const std::string& component, const std::string& version);
  /// Signs from now on what the director says.
  void set_director(trust::crypto::PrivateKey key);
  /// From now on this device is to have exactly these; the version goes up.
  void direct(const std::string& device, const std::vector<std::string>& paths);
  std::int64_t director_version(const std::string& device) const;
  /// What the director signs, unsigned, so that a test may sign something else.
  trust::tuf::DirectorTargets& directed(const std::string& device) { return directed_[device]; }

  /// What time it is, said to this device.
  Blob time_for(const std::string& device, const ByteArray<16>& nonce, WallTime time) const;

  /// GET /v1/director of `device`, and below /v1/images/<catalog>.
  ports::NetAnswer answer(const ports::NetRequest& request, const std::string& device) const;

  /// Sees each file before it leaves, with its path below the catalog.
  std::function<void(std::string_view path, Blob& file)> before_answer;
  Duration life = days(300);  ///< of what is published from now on

  /// The image repository as a folder, for whoever carries it elsewhere.
  const std::map<std::string, Blob, std::less<>>& files() const { return files_; }
  /// What the owner says of an image.
  const trust::tuf::Target& target(const std::string& path) const { return targets_.find(path)->second; }

  const trust::tuf::Key& director_key() const { return director_key_; }
  /// The bytes that images and deltas took on the wire so far.
  std::int64_t sent_bytes() const { return sent_bytes_; }
  void publish();

 private:
  Blob signed_by(const trust::crypto::PrivateKey& key, trust::tuf::Envelope envelope) const;
  std::int64_t place(const std::string& path, Bytes content);

  std::string catalog_;
  trust::crypto::PrivateKey owner_;
  trust::crypto::PrivateKey director_;
  trust::tuf::Key director_key_;
  ports::Clock& clock_;
  std::int64_t version_ = 0;
  std::map<std::string, trust::tuf::Target, std::less<>> targets_;
  std::map<std::string, Blob, std::less<>> files_;  ///< by path below the catalog
  std::map<std::string, trust::tuf::DirectorTargets> directed_;
  mutable std::int64_t sent_bytes_ = 0;
};

}  // namespace holdfast::sim::service
