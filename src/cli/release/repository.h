// The owner's image repository as a folder, which any web server can hand out as it is: metadata and contents
// (layout.h). It is made and signed on a machine that never sees a service. Each time all of it is verified under the
// owner's root before anything is added; what is added nobody sees before it is published (publication.h). A part of it
// may be a maker's word: a role to which the owner's targets role delegates.
#pragma once

#include "cli/owner/document.h"
#include "cli/release/published.h"
#include "trust/update/manifest.h"
#include "trust/update/withdrawal.h"

namespace holdfast::cli::release {

inline constexpr Reason kUnreleased{"unreleased"};
inline constexpr Reason kPathUndelegated{"path-undelegated"};

inline constexpr std::size_t kImageBytesMax = 1024UL * 1024 * 1024;

/// A version of a component.
struct Listed {
  trust::update::Image image;
  trust::tuf::Target target;
  std::string role;  ///< who says so
};

/// What a role says: as it is published, or drafted on top of that.
struct RoleState {
  trust::tuf::Targets targets;
  std::int64_t listed = 0;  ///< the version that the snapshot lists; 0: none
  std::optional<owner::Document> draft = {};
  bool is_edited = false;  ///< since the draft
};

class Repository {
 public:
  /// As it is published, verified but for its end, so that one that has ended can be published anew.
  static Result<Repository> open(Files& files, const owner::Folder& owner, std::string path);
  /// Nothing is published in it yet.
  static Result<Repository> empty(std::string path);

  const std::string& path() const { return path_; }
  const Published& published() const { return published_; }
  const std::map<std::string, RoleState, std::less<>>& roles() const { return roles_; }
  const trust::tuf::Targets& top() const { return roles_.find(kTopRole)->second.targets; }
  /// By the path of their target. A version that was withdrawn is none of them, whoever still lists it.
  const std::map<std::string, Listed, std::less<>>& images() const { return images_; }
  const std::map<std::string, trust::update::VersionName, std::less<>>& withdrawn() const { return withdrawn_; }

  /// What the first role that may speak for it says of a path; nullptr where none does.
  const trust::tuf::Target* find(std::string_view path) const;
  /// Of a path that find() knows.
  Result<Blob> read(Files& files, const std::string& path, std::size_t bytes_max) const;
  Result<trust::update::Manifest> manifest_of(Files& files, const Listed& listed) const;

  /// Goes on with the draft of a role that lies in the folder, where there is one. Conflict (kDraftForeign) where these
  /// keys, which would sign what is made from it, have not signed it as it is.
  Result<void> resume(Files& files, const owner::Folder& owner, const owner::Signers& keys, const std::string& role);
  /// What a role says, to be changed: reindex() afterwards. NotFound (kRoleUndelegated) where it is none.
  Result<RoleState*> edit(const std::string& role);
  Result<void> reindex();
  /// Rejected (kPathUndelegated) where the role may not speak for the path.
  Result<void> require_covered(std::string_view role, std::string_view path) const;

 private:
  explicit Repository(std::string path) : path_(std::move(path)) {}
  Result<void> index(const std::string& role, const trust::tuf::Targets& targets);

  std::string path_;
  Published published_;
  std::map<std::string, RoleState, std::less<>> roles_;
  std::map<std::string, Listed, std::less<>> images_;
  std::map<std::string, trust::update::VersionName, std::less<>> withdrawn_;
};

/// Where the draft of a role's metadata lies.
std::string draft_file(const owner::Folder& owner, std::string_view role);
/// The one in a folder, if it is newer than `listed`.
Result<std::optional<owner::Document>> read_draft(Files& files, const owner::Folder& owner,
                                                  const trust::tuf::Targets& delegator, const std::string& role,
                                                  std::int64_t listed);

}  // namespace holdfast::cli::release
