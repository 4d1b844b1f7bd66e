#include "service/images/repository.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/encoding.h"
#include "base/text.h"
#include "service/audit/audit.h"
#include "service/claim/owner_documents.h"
#include "service/images/content.h"
#include "trust/tuf/search.h"
#include "trust/update/withdrawal.h"

namespace holdfast::service::images {
namespace {

namespace tuf = trust::tuf;
using ports::RepositoryDocumentRow;
using ports::RepositoryRow;
using ports::Table;
using trust::Verified;

constexpr std::string_view kTimestampFile = "timestamp.json";
constexpr std::string_view kRootSuffix = ".root.json";
constexpr std::size_t kDocumentsMax = 4096;

std::string file_of_role(const tuf::MetaFile& listed, std::string_view role) {
  return cat(listed.version, ".", role, ".json");
}

Result<Blob> document(ports::Transaction& tx, std::string_view catalog, const std::string& file) {
  auto row = TRY(Table<RepositoryDocumentRow>(tx).find(catalog, file));
  if (row) return std::move(row->bytes);
  return fail(Next::NotFound, kDocumentMissing,
              cat("expected ", printable(file, 120), " in the image repository of '", catalog, "', saw none"));
}

/// Every document that a timestamp leads to, verified.
struct InForce {
  Verified<tuf::Timestamp> timestamp;
  Verified<tuf::Snapshot> snapshot;
  std::map<std::string, Verified<tuf::Targets>, std::less<>> targets = {};  ///< by role
  std::vector<std::string> files = {};                                      ///< their names, but for the timestamp
};

/// A role's targets and those that it delegates to, each once.
Result<void> load_targets(ports::Transaction& tx, std::string_view catalog, const Verified<tuf::Root>& root,
                          InForce& out) {
  struct Delegated {
    std::string role;
    std::string delegator;
  };
  std::vector<Delegated> waiting = {{std::string(tuf::kTopTargets), ""}};
  while (!waiting.empty()) {
    const Delegated next = std::move(waiting.back());
    waiting.pop_back();
    if (out.targets.contains(next.role)) continue;
    const std::string file = file_of_role(TRY(tuf::listed_in(*out.snapshot, next.role)), next.role);
    const Blob bytes = TRY(document(tx, catalog, file));
    auto targets =
        next.delegator.empty()
            ? TRY(tuf::verify_targets(bytes, root, out.snapshot))
            : TRY(tuf::verify_delegated_targets(bytes, out.targets.at(next.delegator), next.role, out.snapshot));
    for (const tuf::Delegation& one : targets->delegations) waiting.push_back({one.name, next.role});
    out.targets.emplace(next.role, std::move(targets));
    out.files.push_back(file);
  }
  return {};
}

Result<InForce> led_to_by(ports::Transaction& tx, std::string_view catalog, const Verified<tuf::Root>& root,
                          const Verified<tuf::Timestamp>& timestamp,
                          const std::optional<Verified<tuf::Snapshot>>& before) {
  const std::string file = file_of_role(timestamp->snapshot, "snapshot");
  const Blob bytes = TRY(document(tx, catalog, file));
  auto snapshot = TRY(tuf::verify_snapshot(bytes, root, timestamp, before));
  InForce out{timestamp, std::move(snapshot)};
  out.files.push_back(file);
  TRY(load_targets(tx, catalog, root, out));
  return out;
}

/// What was in force before, as far as the newest root still vouches for it: new versions may not go behind it.
struct Before {
  std::optional<Verified<tuf::Timestamp>> timestamp;
  std::optional<Verified<tuf::Snapshot>> snapshot;
  std::vector<std::string> files = {};
};

Result<Before> before_of(ports::Transaction& tx, std::string_view catalog, const Verified<tuf::Root>& root) {
  Before out;
  const auto row = TRY(Table<RepositoryRow>(tx).find(catalog));
  if (!row) return out;
  if (auto known = tuf::verify_timestamp(row->timestamp, root, {})) out.timestamp = *std::move(known);
  const std::string file = cat(row->snapshot_version, ".snapshot.json");
  out.files.push_back(file);
  const Blob bytes = TRY(document(tx, catalog, file));
  if (auto known = tuf::verify_kept_snapshot(bytes, root)) out.snapshot = *std::move(known);
  const auto listing = TRY(tuf::read_snapshot(TRY(tuf::parse_envelope(bytes, tuf::kSnapshotBytesMax))));
  for (const auto& [name, listed] : listing.meta) out.files.push_back(cat(listed.version, ".", name));
  return out;
}

/// Where nothing is in force, its own end is the first.
WallTime first_end(const InForce& documents) {
  WallTime out = std::min(documents.timestamp->header.expires, documents.snapshot->header.expires);
  for (const auto& [role, targets] : documents.targets) out = std::min(out, targets->header.expires);
  return out;
}

Result<std::optional<tuf::Target>> find(const InForce& documents, std::string_view path) {
  return tuf::find_target(path, [&](const std::string& role, const std::string&) -> Result<const tuf::Targets*> {
    return &*documents.targets.at(role);
  });
}

constexpr std::string_view kImageSuffix = "/image";

/// Whoever names them.
std::set<std::string, std::less<>> paths_in(const InForce& documents) {
  std::set<std::string, std::less<>> out;
  for (const auto& [role, targets] : documents.targets) {
    for (const auto& [path, target] : targets->targets) out.insert(path);
  }
  return out;
}

/// The withdrawal of an image's version counts whoever still lists the image.
Result<bool> is_withdrawn(const InForce& documents, std::string_view image) {
  const auto parts = split(image, '/');
  if (parts.size() != 3) return false;
  return TRY(find(documents, trust::update::withdrawal_path(parts[0], parts[1]))).has_value();
}

Result<std::map<std::string, Released, std::less<>>> images_in(const InForce& documents) {
  std::map<std::string, Released, std::less<>> out;
  for (const std::string& path : paths_in(documents)) {
    if (!path.ends_with(kImageSuffix) || TRY(is_withdrawn(documents, path))) continue;
    const auto target = TRY(find(documents, path));
    if (!target || target->custom.is_null() || !target->hashes.sha256) continue;
    auto image = trust::update::image_from(target->custom);
    if (!image) return fail_within(printable(path), std::move(image).error());
    if (!trust::update::require_place(*image, path)) continue;
    out.emplace(path, Released{path, target->length, *target->hashes.sha256, *std::move(image)});
  }
  return out;
}

/// A release that could not be deployed is refused while its engineer looks on. Those that are in force were looked at.
Result<void> require_files(ports::ImageFiles& files, std::string_view catalog, const InForce& documents,
                           const std::optional<InForce>& before) {
  std::map<std::string, Released, std::less<>> known;
  if (before) known = TRY(images_in(*before));
  for (const auto& [path, released] : TRY(images_in(documents))) {
    const auto same = known.find(path);
    if (same != known.end() && same->second.sha256 == released.sha256 && same->second.image == released.image) {
      continue;
    }
    TRY(require_release(files, catalog, released));
  }
  return {};
}

Result<void> forget_others(ports::Transaction& tx, std::string_view catalog, const std::vector<std::string>& wanted) {
  Table<RepositoryDocumentRow> documents(tx);
  const ports::Scan all{.prefix = ports::record_of(catalog), .limit = kDocumentsMax};
  for (const RepositoryDocumentRow& row : TRY(documents.scan(all))) {
    if (std::ranges::find(wanted, row.file) == wanted.end()) TRY(documents.erase(row.catalog, row.file));
  }
  return {};
}

Result<std::vector<trust::update::VersionName>> withdrawn_in(const InForce& documents) {
  std::vector<trust::update::VersionName> out;
  for (const std::string& path : paths_in(documents)) {
    auto version = trust::update::withdrawn_at(path);
    if (version && TRY(find(documents, path))) out.push_back(*std::move(version));
  }
  return out;
}

/// As RepositoryRow keeps them.
std::optional<std::string> text_of(const std::vector<trust::update::VersionName>& versions) {
  if (versions.empty()) return std::nullopt;
  json::Array out;
  for (const auto& one : versions) out.emplace_back(json::Array{one.component, one.version});
  return json::dump(out);
}

Result<std::optional<InForce>> in_force(ports::Transaction& tx, std::string_view catalog) {
  const auto row = TRY(Table<RepositoryRow>(tx).find(catalog));
  if (!row) return std::optional<InForce>();
  const auto root = TRY(claim::current_root(tx, catalog));
  return std::optional(TRY(led_to_by(tx, catalog, root, TRY(tuf::verify_timestamp(row->timestamp, root, {})), {})));
}

std::unexpected<Error> nothing_published(std::string_view catalog) {
  return fail(Next::NotFound, kRepositoryEmpty,
              cat("the catalog '", printable(catalog), "' has no image repository yet; see holdfast release upload"));
}

}  // namespace

Result<ports::ImageFileName> file_of(std::string_view catalog, std::string_view path, const Digest256& sha256) {
  const auto parts = split(path, '/');
  if (parts.size() != 3) {
    return fail(Next::Rejected, kImageUnknown,
                cat("expected a target such as door-control/1.4.0/image, saw ", printable(path)));
  }
  return ports::ImageFileName{std::string(catalog), std::string(parts[0]), std::string(parts[1]),
                              cat(to_hex(sha256), ".", parts[2])};
}

Result<void> store_document(ports::Transaction& tx, std::string_view catalog, std::string_view file, Bytes bytes,
                            WallTime now) {
  Table<RepositoryDocumentRow> documents(tx);
  RepositoryDocumentRow row{std::string(catalog), std::string(file), to_blob(bytes), now};
  const auto there = TRY(documents.find(catalog, file));
  if (!there) return documents.insert(row);
  if (equal(there->bytes, bytes)) return {};
  const auto root = TRY(claim::current_root(tx, catalog));
  const auto used = TRY(before_of(tx, catalog, root)).files;
  if (std::ranges::find(used, row.file) != used.end()) {
    return fail(Next::Conflict, kDocumentInForce, cat("expected a new version, saw other bytes for ", printable(file)));
  }
  return documents.update(row);
}

Result<RepositoryRow> publish(ports::Transaction& tx, ports::ImageFiles& files, std::string_view catalog,
                              Bytes timestamp, const Caller& by, WallTime now) {
  const auto root = TRY(claim::current_root(tx, catalog));
  const Before before = TRY(before_of(tx, catalog, root));
  const auto newest = TRY(input(tuf::verify_timestamp(timestamp, root, before.timestamp)));
  const InForce documents = TRY(input(led_to_by(tx, catalog, root, newest, before.snapshot)));
  const WallTime end = first_end(documents);
  TRY(tuf::require_unexpired("the image repository", end, now));
  const auto known = in_force(tx, catalog);  // none under a newer root: then all of it is looked at
  TRY(require_files(files, catalog, documents, known ? *known : std::optional<InForce>()));
  auto withdrawn = text_of(TRY(withdrawn_in(documents)));
  RepositoryRow row{std::string(catalog),
                    to_blob(timestamp),
                    documents.timestamp->header.version,
                    documents.snapshot->header.version,
                    end,
                    actor_of(by),
                    now,
                    std::move(withdrawn)};
  Table<RepositoryRow> repositories(tx);
  const auto there = TRY(repositories.find(catalog));
  if (there && equal(there->timestamp, timestamp) && there->withdrawn == row.withdrawn) return *there;
  TRY(there ? repositories.update(row) : repositories.insert(row));
  std::vector<std::string> wanted = documents.files;
  wanted.insert(wanted.end(), before.files.begin(), before.files.end());
  TRY(forget_others(tx, catalog, wanted));
  TRY(audit::append(tx,
                    {row.catalog, actor_of(by), "image-repository.published", row.catalog,
                     json::Object{{"timestamp", row.timestamp_version}, {"snapshot", row.snapshot_version}}},
                    now));
  return row;
}

Result<Blob> metadata_file(ports::Transaction& tx, std::string_view catalog, std::string_view file) {
  const auto row = TRY(Table<RepositoryRow>(tx).find(catalog));
  if (!row) return nothing_published(catalog);
  if (file == kTimestampFile) return row->timestamp;
  if (!file.ends_with(kRootSuffix)) return document(tx, catalog, std::string(file));
  std::int64_t number = 0;
  std::from_chars(file.data(), file.data() + file.size() - kRootSuffix.size(), number);
  const auto root = TRY(Table<ports::OwnerDocumentRow>(tx).find(catalog, ports::OwnerDocument::Root, number));
  if (root && cat(number, kRootSuffix) == file) return root->bytes;
  return fail(Next::NotFound, kDocumentMissing, cat("expected a root of the owner, saw ", printable(file)));
}

Result<std::map<std::string, Released, std::less<>>> released_images(ports::Transaction& tx, std::string_view catalog) {
  const auto documents = TRY(in_force(tx, catalog));
  if (!documents) return nothing_published(catalog);
  return images_in(*documents);
}

Result<std::vector<std::string>> withdrawn_images(ports::Transaction& tx, std::string_view catalog) {
  std::vector<std::string> out;
  const auto documents = TRY(in_force(tx, catalog));
  if (!documents) return out;
  for (const auto& one : TRY(withdrawn_in(*documents)))
    out.push_back(cat(one.component, "/", one.version, kImageSuffix));
  return out;
}

}  // namespace holdfast::service::images
