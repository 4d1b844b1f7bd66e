#include "cli/release/offline_words.h"

#include <algorithm>

#include "base/json/fields.h"
#include "base/text.h"
#include "cli/owner/trust_policies.h"
#include "wire/carried.h"

namespace holdfast::cli::release {
namespace {

namespace tuf = trust::tuf;

constexpr std::string_view kCounterName = "offline-director.json";
constexpr std::size_t kCounterBytesMax = 1024;

struct Counter {
  std::string file;
  std::int64_t last = 0;
};

/// Remembered in the owner's folder, so that a repository which is made anew starts no version anew.
Result<Counter> counter_in(Files& files, const owner::Folder& owner, const std::string& catalog) {
  Counter out{owner.file_of(catalog, kCounterName)};
  const auto kept = files.read(out.file, kCounterBytesMax);
  if (!kept && kept.error().next == Next::NotFound) return out;
  if (!kept) return std::unexpected(kept.error());
  const json::Value value = TRY(json::parse(*kept));
  auto fields = TRY(json::Fields::of(value, kCounterName));
  out.last = TRY(fields.integer("version", 0, tuf::kVersionMax - 1));
  TRY(fields.done());
  return out;
}

/// The highest word that lies in the repository, whoever put it there.
Result<std::int64_t> highest_in(Files& files, const std::string& folder) {
  std::int64_t out = 0;
  const auto names = files.files_below(folder);
  if (!names && names.error().next == Next::NotFound) return out;
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    const auto envelope = tuf::parse_envelope(TRY(files.read(cat(folder, "/", name), tuf::kEnvelopeBytesMax)));
    const auto word = envelope ? tuf::read_offline_targets(*envelope) : std::unexpected(envelope.error());
    if (word) out = std::max(out, word->version);
  }
  return out;
}

Result<tuf::DirectedImages> images_in(const Repository& repository, const std::vector<std::string>& paths) {
  tuf::DirectedImages out;
  for (const std::string& path : paths) {
    const auto listed = repository.images().find(path);
    if (listed == repository.images().end() || !listed->second.target.hashes.sha256) {
      return fail(Next::NotFound, kUnreleased,
                  cat("expected an image of the repository, as COMPONENT/VERSION/image, saw ", printable(path, 80)));
    }
    out[path] = {listed->second.target.length, *listed->second.target.hashes.sha256};
  }
  return out;
}

Result<void> require_signed(const tuf::Envelope& envelope, const tuf::Director& director) {
  if (tuf::require_threshold(envelope, director.keys, director.role)) return {};
  return fail(
      Next::Denied, kWordUnsigned,
      cat("expected ", director.role.threshold, " keys of the offline director that the trust policy names, saw ",
          tuf::signers(envelope, director.keys, director.role).size(), " of them here"));
}

Result<void> write(Files& files, const std::string& file, Bytes document) {
  TRY(files.make_folder(folder_of(file)));
  return files.write(file, document, Access::Everyone);
}

}  // namespace

Result<tuf::OfflineTargets> direct_offline(World& world, const owner::Folder& owner, const Repository& repository,
                                           const owner::Signers& keys, const WordWanted& wanted) {
  const Blob policy_document = TRY(owner::published_trust_policy(world.files, owner, wanted.catalog));
  const auto policy = TRY(tuf::verify_trust_policy(policy_document, owner.root(), wanted.catalog, {}));
  if (!policy->offline_director) {
    return fail(Next::Denied, tuf::kDirectorMissing,
                "expected a trust policy that names an offline director (holdfast director appoint --offline-key), saw "
                "one without");
  }
  const tuf::Director& director = policy->offline_director->director;
  const std::string folder = cat(repository.path(), "/", wire::carried_folder(wanted.catalog));
  const Counter counter = TRY(counter_in(world.files, owner, wanted.catalog));
  tuf::OfflineTargets word;
  word.catalog = wanted.catalog;
  word.audience = wanted.audience;
  word.version = std::max(counter.last, TRY(highest_in(world.files, folder))) + 1;
  word.issued = world.clock.wall_time();
  word.expires = word.issued + wanted.life;
  word.images = TRY(images_in(repository, wanted.images));
  tuf::Envelope envelope = TRY(tuf::make_offline_targets(word));
  TRY(owner::sign_with(envelope, keys, director.role.key_ids));
  TRY(require_signed(envelope, director));
  TRY(world.files.write(counter.file, as_bytes(json::dump(json::Object{{"version", word.version}}) + "\n"),
                        Access::Everyone));
  TRY(write(world.files, cat(repository.path(), "/", wire::carried_trust_policy(wanted.catalog)), policy_document));
  TRY(write(world.files, cat(repository.path(), "/", wire::carried_word(wanted.catalog, word.audience)),
            tuf::dump_envelope(envelope)));
  return word;
}

}  // namespace holdfast::cli::release
