#include "cli/owner/device_releases.h"

#include "base/encoding.h"
#include "base/text.h"

namespace holdfast::cli::owner {

namespace tuf = trust::tuf;

Result<void> publish_release(Session& session, const std::string& catalog, const Document& document) {
  const auto release = TRY(tuf::read_device_release(document.envelope));
  if (release.catalog != catalog) {
    return fail(
        Next::Rejected, tuf::kDeviceReleaseForeign,
        cat("expected a release of a device of ", printable(catalog), ", saw one of ", printable(release.catalog)));
  }
  TRY(session.post(path_of({"catalogs", catalog, "devices", release.device, "release"}),
                   json::Object{{"statement", to_base64(tuf::dump_envelope(document.envelope))}}));
  return {};
}

Result<std::string> let_go(World& world, Session& session, const Folder& folder, const tuf::DeviceRelease& release) {
  TRY(folder.make_catalog_folder(world.files, release.catalog));
  Document document = TRY(document_of(TRY(tuf::make_device_release(release)), &*folder.root()));
  const auto keys = TRY(keys_in(world, folder.path()));
  if (!keys.empty()) TRY(sign(document, keys));
  const std::string needed = missing(document);
  if (needed.empty()) {
    TRY(publish_release(session, release.catalog, document));
    return cat(release.device, " is let go: at its next check-in it erases what is yours and says so. It has until ",
               to_rfc3339(release.expires), ".");
  }
  const std::string file = folder.file_of(release.catalog, cat("release-", release.device, ".draft.json"));
  TRY(world.files.write(file, tuf::dump_envelope(document.envelope), Access::Everyone));
  return cat("The release of ", release.device, " needs ", needed, " more. It is in ", file,
             ".\nHave its holders run\n  holdfast owner sign ", file,
             " --dir DIR\nand then run\n  holdfast owner publish ", file, " --catalog ", release.catalog, " --dir ",
             folder.path());
}

}  // namespace holdfast::cli::owner
