// What a TUF repository says now: the client workflow of TUF 1.0 §5, in its order. Whatever is fetched is verified
// before it is kept, and what is kept is verified again at every start, so that a disk that somebody else wrote to
// gives nothing away but the first root: that one is trusted because it is there.
#pragma once

#include <map>

#include "ports/repository.h"
#include "trust/tuf/targets.h"

namespace holdfast::device::update {

inline constexpr Reason kRootMissing{"root-missing"};
inline constexpr Reason kFileUnpublished{"file-unpublished"};
inline constexpr Reason kUnrefreshed{"metadata-unrefreshed"};

inline constexpr std::size_t kRootBytesMax = trust::tuf::kEnvelopeBytesMax;

class RepositoryClient {
 public:
  /// Both must outlive it.
  RepositoryClient(ports::Repository& repository, ports::KeptMetadata& kept) : repository_(repository), kept_(kept) {}

  /// Root, timestamp, snapshot and top-level targets (§5.3 to §5.6), none of them expired at `now`.
  Result<void> refresh(WallTime now);

  /// What the targets role and those that it delegates to say of `path`, the first in their order of priority (§5.6.7);
  /// nothing where no role that may names it. Retry (kUnrefreshed) unless the last refresh() went well.
  Result<std::optional<trust::tuf::Target>> find(std::string_view path);

  /// Where the content of a target is (§5.7.3), encoded for an address.
  Result<std::string> place_of(std::string_view path, const trust::tuf::Target& target) const;

  /// When the first of the top roles ends; nothing unless the last refresh() went well.
  std::optional<WallTime> good_until() const;

  /// The content of a target from where images are, its length and digests checked (§5.7).
  Result<Blob> download(ports::Repository& images, std::string_view path, const trust::tuf::Target& target) const;

 private:
  template <class T>
  using Trusted = std::optional<trust::Verified<T>>;
  struct Delegated {
    std::string role;
    std::string delegator;
  };

  std::optional<Blob> kept(std::string_view role) const;
  Result<void> update_root();
  Result<void> update_timestamp();
  Result<void> update_snapshot();
  Result<trust::Verified<trust::tuf::Targets>> verify(const Delegated& delegated, Bytes document) const;
  Result<const trust::tuf::Targets*> load(const Delegated& delegated);
  Result<Blob> fetch_listed(std::string_view file, const trust::tuf::MetaFile& listed, std::size_t bytes_max);

  ports::Repository& repository_;
  ports::KeptMetadata& kept_;
  WallTime now_;  ///< of the last refresh
  Trusted<trust::tuf::Root> root_;
  Trusted<trust::tuf::Timestamp> timestamp_;
  Trusted<trust::tuf::Snapshot> snapshot_;
  std::map<std::string, trust::Verified<trust::tuf::Targets>, std::less<>> targets_;  ///< by role
};

/// A role or path as one segment of an address (RFC 3986 §2.1), which also names its file.
std::string as_segment(std::string_view text);

}  // namespace holdfast::device::update
