#include "cli/release/bundle.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "cli/release/releases.h"
#include "wire/carried.h"

namespace holdfast::cli::release {
namespace {

namespace tuf = trust::tuf;
namespace update = trust::update;
using Member = wire::BundleMember;

/// What a client may ask for, in an order that is the same every time.
class Listing {
 public:
  Listing(Files& files, const Repository& repository) : files_(files), repository_(repository) {}

  Result<std::vector<Member>> run(std::size_t roots) {
    const Published& published = repository_.published();
    TRY(add("metadata/timestamp.json", tuf::kTimestampBytesMax));
    for (std::size_t i = 1; i <= roots; ++i) TRY(add(cat("metadata/", i, ".root.json"), tuf::kEnvelopeBytesMax));
    TRY(add(cat("metadata/", versioned(published.snapshot.header.version, kSnapshotRole)), tuf::kSnapshotBytesMax));
    for (const auto& [role, targets] : published.targets) {
      TRY(add(cat("metadata/", versioned(targets.header.version, role)), tuf::kTargetsBytesMax));
    }
    for (const auto& [role, targets] : published.targets) {
      for (const auto& [path, target] : targets.targets) {
        if (repository_.find(path) == nullptr || !target.hashes.sha256) continue;
        if (repository_.require_covered(role, path)) add(path, *target.hashes.sha256, target.length);
      }
    }
    for (const auto& [path, listed] : repository_.images()) TRY(add_parts(listed));
    TRY(add_carried());
    std::ranges::sort(members_, {}, &Member::name);
    const auto twice = std::ranges::unique(members_, {}, &Member::name);
    members_.erase(twice.begin(), twice.end());
    return std::move(members_);
  }

 private:
  Result<void> add(std::string name, std::size_t bytes_max) {
    const Blob bytes = TRY(files_.read(cat(repository_.path(), "/", name), bytes_max));
    members_.push_back({std::move(name), static_cast<std::int64_t>(bytes.size())});
    return {};
  }
  /// The words of offline directors, and trust policies.
  Result<void> add_carried() {
    const auto below = files_.files_below(cat(repository_.path(), "/", wire::kCarriedFolder));
    if (!below && below.error().next == Next::NotFound) return {};
    if (!below) return std::unexpected(below.error());
    for (const std::string& name : *below) TRY(add(cat(wire::kCarriedFolder, "/", name), tuf::kEnvelopeBytesMax));
    return {};
  }
  void add(const std::string& path, const Digest256& sha256, std::int64_t length) {
    members_.push_back({cat("targets/", place_of(path, sha256)), length});
  }
  Result<void> add_parts(const Listed& listed) {
    const auto manifest = TRY(repository_.manifest_of(files_, listed));
    for (const update::Delta& one : manifest.deltas) {
      add(part_path(listed.image, cat(to_hex(one.from), ".delta")), one.sha256, one.length);
    }
    add_part(listed.image, kSbomPart, manifest.sbom);
    add_part(listed.image, kReferenceValuesPart, manifest.reference_values);
    add_part(listed.image, kBuildIdsPart, manifest.build_ids);
    return {};
  }
  void add_part(const update::Image& image, std::string_view part,
                const std::optional<update::Attachment>& attachment) {
    if (attachment) add(part_path(image, part), attachment->sha256, attachment->length);
  }

  Files& files_;
  const Repository& repository_;
  std::vector<Member> members_;
};

Result<Blob> member_of(std::string_view name, Bytes content) {
  const auto length = static_cast<std::int64_t>(content.size());
  const Blob header = TRY(wire::tar_header(name, length));
  return concat({header, content, wire::tar_padding(length)});
}

}  // namespace

Result<std::size_t> write_bundle(Files& files, const Repository& repository, std::size_t roots,
                                 const std::string& file) {
  const std::vector<Member> members = TRY(Listing(files, repository).run(roots));
  const Blob index = TRY(wire::make_bundle_index(members));
  std::size_t next = 0;
  const auto part = [&]() -> Result<Blob> {
    const std::size_t now = next++;
    if (now == 0) return index;
    if (now > members.size()) return Blob(now == members.size() + 1 ? 2 * wire::kTarBlockBytes : 0, 0);
    const Member& member = members[now - 1];
    const Blob content = TRY(files.read(cat(repository.path(), "/", member.name), kImageBytesMax));
    if (static_cast<std::int64_t>(content.size()) == member.length) return member_of(member.name, content);
    return fail(Next::Corrupt, tuf::kContentDiffers,
                cat("expected ", member.length, " bytes of ", printable(member.name), ", saw ", content.size()));
  };
  TRY(files.create_from(file, part));
  return members.size() + 1;
}

}  // namespace holdfast::cli::release
