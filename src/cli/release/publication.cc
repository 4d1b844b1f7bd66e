#include "cli/release/publication.h"

#include <algorithm>

#include "base/text.h"
#include "trust/crypto/hash.h"

namespace holdfast::cli::release {
namespace {

namespace tuf = trust::tuf;
using owner::Document;
using tuf::RoleName;

/// Once through the roles, in the order in which they name each other.
class Publication {
 public:
  Publication(World& world, const owner::Folder& owner, Repository& repository, owner::Signers keys, WallTime expires)
      : world_(world), owner_(owner), repository_(repository), keys_(std::move(keys)), expires_(expires) {}

  Result<Outcome> run(const std::string& role) {
    TRY(require_some_key(role));
    TRY(settle_targets(std::string(kTopRole), role));
    for (const tuf::Delegation& one : repository_.top().delegations) TRY(settle_targets(one.name, role));
    if (!needed_.empty()) return wait();
    const bool is_delegated = !role.empty() && role != kTopRole;
    if (is_delegated) TRY(write_made(role));
    const bool is_makers = is_delegated && !TRY(holds(RoleName::Snapshot)) && !TRY(holds(RoleName::Timestamp));
    if (is_makers) return Outcome{Progress::Made, made_words(role)};
    TRY(settle_snapshot());
    if (!needed_.empty()) return wait();
    TRY(settle_timestamp());
    if (!needed_.empty()) return wait();
    TRY(write_all());
    return Outcome{};
  }

 private:
  struct Made {
    std::string role;
    Document document;
  };

  Result<bool> holds(RoleName role) { return TRY(owner::held_by(keys_, owner_.root()->role(role).key_ids)) > 0; }
  Result<bool> holds(std::string_view role) {
    if (role == kTopRole) return holds(RoleName::Targets);
    const auto at = std::ranges::find(repository_.top().delegations, role, &tuf::Delegation::name);
    if (at == repository_.top().delegations.end()) return false;
    return TRY(owner::held_by(keys_, at->role.key_ids)) > 0;
  }

  Result<void> require_some_key(const std::string& role) {
    const bool is_delegated = !role.empty() && role != kTopRole;
    if (is_delegated && TRY(holds(role))) return {};
    for (const RoleName name : {RoleName::Targets, RoleName::Snapshot, RoleName::Timestamp}) {
      if (!is_delegated && TRY(holds(name))) return {};
    }
    return fail(Next::Denied, kRepositoryUnsigned,
                cat("expected a key in ", printable(owner_.path()), " that may sign ",
                    is_delegated ? printable(role) : std::string("the metadata"), ", saw ", keys_.size(), " others"));
  }

  /// A draft that was away is signed only where we signed these very bytes before: whoever signs after us has changed
  /// nothing. One that has all its signatures is left as it is, since others name its bytes.
  Result<void> go_on(const std::string& role, Document draft) {
    if (!missing(draft).empty() && TRY(owner::is_known(draft, keys_))) return sign(role, std::move(draft));
    return note(role, std::move(draft));
  }
  Result<void> sign(const std::string& role, Document document) {
    TRY(owner::sign_with(document.envelope, keys_, document.requirements.front().role.key_ids));
    return note(role, std::move(document));
  }
  Result<void> note(const std::string& role, Document document) {
    if (const std::string needed = missing(document); !needed.empty()) needed_.push_back(needed);
    made_.push_back({role, std::move(document)});
    return {};
  }

  bool is_in_time(const Document& document) const { return document.expires > world_.clock.wall_time(); }

  Result<void> settle_targets(const std::string& role, const std::string& asked) {
    const auto found = repository_.roles().find(role);
    const RoleState state = found != repository_.roles().end() ? found->second : RoleState{};
    auto draft = state.draft;
    if (!draft && !state.is_edited) {
      draft = TRY(read_draft(world_.files, owner_, repository_.top(), role, listed_version(role)));
    }
    const bool is_asked = role == asked;
    if (!state.is_edited && draft && is_in_time(*draft)) {
      if (is_asked || missing(*draft).empty()) return go_on(role, *std::move(draft));
      return {};
    }
    const bool is_owed = role == kTopRole && (repository_.published().is_by_former_keys || listed_version(role) == 0);
    if (!state.is_edited && !is_owed && !(is_asked && TRY(holds(role)))) return {};
    tuf::Targets next = state.targets;
    next.header = {next_version(role, draft), expires_};
    tuf::Envelope envelope = TRY(tuf::make_targets(next));
    return sign(role, role == kTopRole
                          ? TRY(owner::document_of(std::move(envelope), &*owner_.root()))
                          : TRY(owner::document_of_delegated(std::move(envelope), repository_.top(), role)));
  }

  std::int64_t listed_version(const std::string& role) const {
    const auto listed = tuf::listed_in(repository_.published().snapshot, role);
    return listed ? listed->version : 0;
  }
  /// A draft that has all its signatures may be out in the world; one that has not is replaced.
  std::int64_t next_version(const std::string& role, const std::optional<Document>& draft) const {
    const std::int64_t listed = listed_version(role);
    if (!draft) return listed + 1;
    return std::max(listed, missing(*draft).empty() ? draft->version : draft->version - 1) + 1;
  }

  Result<void> settle_snapshot() {
    const tuf::Snapshot& before = repository_.published().snapshot;
    snapshot_ = before;
    for (const Made& one : made_) {
      snapshot_.meta.insert_or_assign(cat(one.role, ".json"),
                                      meta_of(one.document.version, tuf::dump_envelope(one.document.envelope)));
    }
    const bool is_owed = !made_.empty() || repository_.published().is_by_former_keys || before.header.version == 0;
    if (!is_owed && !TRY(holds(RoleName::Snapshot))) return {};
    auto draft =
        TRY(read_draft(world_.files, owner_, repository_.top(), std::string(kSnapshotRole), before.header.version));
    if (draft && is_in_time(*draft)) {
      tuf::Snapshot drafted = TRY(tuf::read_snapshot(draft->envelope));
      if (says_the_same(drafted, snapshot_)) {
        snapshot_ = std::move(drafted);
        return go_on(std::string(kSnapshotRole), *std::move(draft));
      }
    }
    snapshot_.header = {before.header.version + 1, expires_};
    return sign(std::string(kSnapshotRole),
                TRY(owner::document_of(TRY(tuf::make_snapshot(snapshot_)), &*owner_.root())));
  }

  static bool says_the_same(const tuf::Snapshot& one, const tuf::Snapshot& other) {
    return std::ranges::equal(one.meta, other.meta, [](const auto& a, const auto& b) {
      return a.first == b.first && tuf::write_meta_file(a.second) == tuf::write_meta_file(b.second);
    });
  }

  Result<void> settle_timestamp() {
    timestamp_ = repository_.published().timestamp;
    const std::int64_t before = timestamp_.header.version;
    const auto snapshot = std::ranges::find(made_, kSnapshotRole, &Made::role);
    const bool is_owed = snapshot != made_.end() || repository_.published().is_by_former_keys;
    if (!is_owed && !TRY(holds(RoleName::Timestamp))) return {};
    if (snapshot != made_.end()) {
      timestamp_.snapshot = meta_of(snapshot->document.version, tuf::dump_envelope(snapshot->document.envelope));
    }
    auto draft = TRY(read_draft(world_.files, owner_, repository_.top(), std::string(kTimestampRole), before));
    if (draft && is_in_time(*draft)) {
      const tuf::Timestamp drafted = TRY(tuf::read_timestamp(draft->envelope));
      if (tuf::write_meta_file(drafted.snapshot) == tuf::write_meta_file(timestamp_.snapshot)) {
        timestamp_ = drafted;
        return go_on(std::string(kTimestampRole), *std::move(draft));
      }
    }
    timestamp_.header = {before + 1, expires_};
    return sign(std::string(kTimestampRole),
                TRY(owner::document_of(TRY(tuf::make_timestamp(timestamp_)), &*owner_.root())));
  }

  /// Everything that was made stays in the folder until somebody else has signed.
  Result<Outcome> wait() {
    std::string files;
    for (const Made& one : made_) {
      const std::string file = draft_file(owner_, one.role);
      TRY(world_.files.write(file, tuf::dump_envelope(one.document.envelope), Access::Everyone));
      if (!missing(one.document).empty()) files += cat("\n  holdfast release sign ", file, " --dir DIR");
    }
    const std::string_view verb = repository_.published().timestamp.header.version == 0 ? "init" : "publish";
    return Outcome{Progress::Waits, cat("It needs ", join(needed_, ", "), " more. Have the holders run", files,
                                        "\nand then run\n  holdfast release ", verb, " --repository ",
                                        repository_.path(), " --dir ", owner_.path())};
  }

  /// A maker's metadata lies beside the published and is seen once the owner's snapshot lists it; its draft is what the
  /// next one begins with.
  Result<void> write_made(const std::string& role) {
    const auto made = std::ranges::find(made_, role, &Made::role);
    if (made == made_.end()) return {};
    const Blob document = tuf::dump_envelope(made->document.envelope);
    TRY(world_.files.write(draft_file(owner_, role), document, Access::Everyone));
    return write(versioned(made->document.version, role), document);
  }

  std::string made_words(const std::string& role) const {
    return cat("It is signed. The owner takes it with\n  holdfast release import ", role, " --from ",
               repository_.path(), " --repository DIR --dir DIR");
  }

  Result<void> write(const std::string& name, Bytes document) {
    return world_.files.write(metadata_file(repository_.path(), name), document, Access::Everyone);
  }

  Result<void> write_all() {
    TRY(world_.files.make_folder(cat(repository_.path(), "/metadata")));
    for (std::size_t i = 0; i < owner_.roots().size(); ++i) {
      TRY(write(cat(i + 1, ".root.json"), owner_.roots()[i]));
    }
    for (const Made& one : made_) {
      const Blob document = tuf::dump_envelope(one.document.envelope);
      TRY(write(one.role == kTimestampRole ? std::string("timestamp.json") : versioned(one.document.version, one.role),
                document));
    }
    Repository now = TRY(Repository::open(world_.files, owner_, repository_.path()));
    TRY(remember(world_.files, owner_, now.published()));
    repository_ = std::move(now);
    return {};
  }

  World& world_;
  const owner::Folder& owner_;
  Repository& repository_;
  owner::Signers keys_;
  WallTime expires_;
  std::vector<Made> made_;  ///< the timestamp last
  std::vector<std::string> needed_;
  tuf::Snapshot snapshot_;
  tuf::Timestamp timestamp_;
};

}  // namespace

Result<Outcome> publish(World& world, const owner::Folder& owner, owner::Signers keys, Repository& repository,
                        const std::string& role, Duration life) {
  return Publication(world, owner, repository, std::move(keys), world.clock.wall_time() + life).run(role);
}

Result<Outcome> make_repository(World& world, const owner::Folder& owner, const std::string& path, Duration life) {
  const auto there = world.files.read(metadata_file(path, "timestamp.json"), tuf::kTimestampBytesMax);
  if (there || there.error().next != Next::NotFound) {
    return fail(Next::Conflict, kRepositoryThere, cat("there is a repository in ", printable(path)));
  }
  if (TRY(has_published(world.files, owner))) {
    return fail(Next::Conflict, kRepositoryThere,
                cat("expected an owner without a repository, saw that one was published from ", printable(owner.path()),
                    "; bring back its newest copy"));
  }
  Repository out = TRY(Repository::empty(path));
  owner::Signers keys = TRY(owner::keys_in(world, owner.path()));
  return publish(world, owner, std::move(keys), out, std::string(kTopRole), life);
}

}  // namespace holdfast::cli::release
