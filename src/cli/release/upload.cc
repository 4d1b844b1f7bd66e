#include "cli/release/upload.h"

#include <algorithm>

#include "base/json/fields.h"
#include "base/text.h"
#include "cli/release/repository.h"
#include "trust/tuf/snapshot.h"

namespace holdfast::cli::release {
namespace {

namespace tuf = trust::tuf;

const std::string kBytes = "application/octet-stream";

struct Place {
  std::string component;
  std::string version;
  std::string file;
};

class Upload {
 public:
  Upload(World& world, Session& session, const std::string& repository, const std::string& catalog,
         const UploadProgress& progress)
      : files_(world.files), session_(session), repository_(repository), catalog_(catalog), progress_(progress) {}

  Result<Uploaded> run() {
    const std::string targets = cat(repository_, "/targets");
    for (const std::string& component : TRY(names_in(targets))) {
      for (const std::string& version : TRY(names_in(cat(targets, "/", component)))) {
        for (const std::string& file : TRY(names_in(cat(targets, "/", component, "/", version)))) {
          TRY(send_file({component, version, file}));
        }
      }
    }
    TRY(send_metadata());
    return done_;
  }

 private:
  /// A repository without any image has no such folder.
  Result<std::vector<std::string>> names_in(const std::string& folder) {
    auto names = files_.names_in(folder);
    if (!names && names.error().next == Next::NotFound) return std::vector<std::string>();
    return names;
  }

  Result<void> send_file(const Place& place) {
    const std::string path = path_of({"catalogs", catalog_, "image-files", place.component, place.version, place.file});
    const json::Value there = TRY(session_.get(path));
    auto fields = TRY(json::Fields::of(there, "image file"));
    const bool is_whole = TRY(fields.boolean("whole"));
    auto at = static_cast<std::size_t>(TRY(fields.integer("received", 0, INT64_MAX)));
    if (is_whole) return {};
    const Blob content = TRY(files_.read(
        cat(repository_, "/targets/", place.component, "/", place.version, "/", place.file), kImageBytesMax));
    at = std::min(at, content.size());
    do {
      const std::size_t size = std::min(kPieceBytes, content.size() - at);
      const bool is_last = at + size == content.size();
      TRY(session_.put_bytes(with_query(path, {{"offset", cat(at)}, {"last", is_last ? "true" : "false"}}),
                             to_blob(Bytes(content).subspan(at, size)), kBytes));
      at += size;
      done_.bytes += size;
      progress_(cat(place.component, "/", place.version, "/", place.file), at, content.size());
    } while (at < content.size());
    ++done_.files;
    return {};
  }

  Result<Blob> read_metadata(const std::string& file, std::size_t bytes_max) {
    return files_.read(cat(repository_, "/metadata/", file), bytes_max);
  }
  Result<void> put_metadata(const std::string& file, Blob bytes) {
    TRY(session_.put_bytes(path_of({"catalogs", catalog_, "image-repository", file}), std::move(bytes), kBytes));
    return {};
  }

  Result<void> send_metadata() {
    const Blob timestamp = TRY(read_metadata("timestamp.json", tuf::kTimestampBytesMax));
    const auto newest = TRY(tuf::read_timestamp(TRY(tuf::parse_envelope(timestamp))));
    const std::string snapshot_file = cat(newest.snapshot.version, ".snapshot.json");
    Blob snapshot = TRY(read_metadata(snapshot_file, tuf::kSnapshotBytesMax));
    const auto listing = TRY(tuf::read_snapshot(TRY(tuf::parse_envelope(snapshot, tuf::kSnapshotBytesMax))));
    for (const auto& [name, listed] : listing.meta) {
      const std::string file = cat(listed.version, ".", name);
      TRY(put_metadata(file, TRY(read_metadata(file, tuf::kTargetsBytesMax))));
    }
    TRY(put_metadata(snapshot_file, std::move(snapshot)));
    return put_metadata("timestamp.json", timestamp);
  }

  Files& files_;
  Session& session_;
  const std::string& repository_;
  const std::string& catalog_;
  const UploadProgress& progress_;
  Uploaded done_;
};

}  // namespace

Result<Uploaded> upload(World& world, Session& session, const std::string& repository, const std::string& catalog,
                        const UploadProgress& progress) {
  return Upload(world, session, repository, catalog, progress).run();
}

}  // namespace holdfast::cli::release
