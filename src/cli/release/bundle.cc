#include "cli/release/bundle.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "cli/release/releases.h"

namespace holdfast::cli::release {
namespace {

namespace tuf = trust::tuf;
namespace update = trust::update;

constexpr std::size_t kNameBytes = 100;
constexpr std::int64_t kLengthMax = (std::int64_t{1} << 33) - 1;  ///< eleven octal digits
constexpr std::string_view kIndex = "index.json";

struct Member {
  std::string name;
  std::int64_t length = 0;
};

std::int64_t padded(std::int64_t length) {
  constexpr auto kBlock = static_cast<std::int64_t>(kTarBlockBytes);
  return (length + kBlock - 1) / kBlock * kBlock;
}

void put(Blob& block, std::size_t at, std::string_view text) {
  std::ranges::copy(text, block.begin() + static_cast<std::ptrdiff_t>(at));
}

/// Octal digits that fill the field up to its NUL.
void put_octal(Blob& block, std::size_t at, std::size_t bytes, std::int64_t value) {
  for (std::size_t i = bytes - 1; i > 0; --i, value >>= 3) {
    block[at + i - 1] = static_cast<std::uint8_t>('0' + (value & 7));
  }
}

/// POSIX.1-2001, pax, ustar Interchange Format.
Blob ustar_block(std::string_view name, std::int64_t length, char type) {
  Blob out(kTarBlockBytes, 0);
  put(out, 0, name.substr(0, kNameBytes));
  put_octal(out, 100, 8, 0644);
  put_octal(out, 108, 8, 0);
  put_octal(out, 116, 8, 0);
  put_octal(out, 124, 12, length);
  put_octal(out, 136, 12, 0);
  put(out, 148, "        ");
  out[156] = static_cast<std::uint8_t>(type);
  put(out, 257, std::string_view("ustar\00000", 8));
  put_octal(out, 329, 8, 0);
  put_octal(out, 337, 8, 0);
  std::int64_t sum = 0;
  for (const std::uint8_t byte : out) sum += byte;
  put_octal(out, 148, 7, sum);
  out[154] = 0;
  out[155] = ' ';
  return out;
}

/// `27 path=…\n`, which says its own length.
std::string pax_record(std::string_view name) {
  const std::size_t rest = std::string_view(" path=\n").size() + name.size();
  std::size_t length = rest + 1;
  while (length != rest + std::to_string(length).size()) ++length;
  return cat(length, " path=", name, "\n");
}

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
    std::ranges::sort(members_, {}, &Member::name);
    const auto twice = std::ranges::unique(members_, {}, &Member::name);
    members_.erase(twice.begin(), twice.end());
    if (members_.size() <= kBundleMembersMax) return std::move(members_);
    return fail(Next::Exhausted, kBundleTooLarge,
                cat("expected at most ", kBundleMembersMax, " files in a bundle, saw ", members_.size()));
  }

 private:
  Result<void> add(std::string name, std::size_t bytes_max) {
    const Blob bytes = TRY(files_.read(cat(repository_.path(), "/", name), bytes_max));
    members_.push_back({std::move(name), static_cast<std::int64_t>(bytes.size())});
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

/// Where each content begins, counted from the end of the index.
Result<Blob> index_of(const std::vector<Member>& members) {
  std::int64_t at = 0;
  json::Array files;
  for (const Member& one : members) {
    at += static_cast<std::int64_t>(TRY(tar_header(one.name, one.length)).size());
    files.emplace_back(json::Object{{"path", one.name}, {"offset", at}, {"length", one.length}});
    at += padded(one.length);
  }
  return to_blob(as_bytes(json::dump(json::Object{{"holdfast_bundle", 1}, {"files", std::move(files)}}) + "\n"));
}

Result<Blob> member_of(std::string_view name, Bytes content) {
  const auto length = static_cast<std::int64_t>(content.size());
  const Blob header = TRY(tar_header(name, length));
  return concat({header, content, tar_padding(length)});
}

}  // namespace

Result<Blob> tar_header(std::string_view name, std::int64_t length) {
  if (length > kLengthMax) {
    return fail(
        Next::Exhausted, kBundleTooLarge,
        cat("expected files of at most ", kLengthMax, " bytes in a bundle, saw ", printable(name), " of ", length));
  }
  const Blob header = ustar_block(name, length, '0');
  if (name.size() <= kNameBytes) return header;
  const std::string record = pax_record(name);
  const auto record_length = static_cast<std::int64_t>(record.size());
  return concat({ustar_block("pax", record_length, 'x'), as_bytes(record), tar_padding(record_length), header});
}

Blob tar_padding(std::int64_t length) { return Blob(static_cast<std::size_t>(padded(length) - length), 0); }

Result<std::size_t> write_bundle(Files& files, const Repository& repository, std::size_t roots,
                                 const std::string& file) {
  const std::vector<Member> members = TRY(Listing(files, repository).run(roots));
  const Blob index = TRY(index_of(members));
  std::size_t next = 0;
  const auto part = [&]() -> Result<Blob> {
    const std::size_t now = next++;
    if (now == 0) return member_of(kIndex, index);
    if (now > members.size()) return Blob(now == members.size() + 1 ? 2 * kTarBlockBytes : 0, 0);
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
