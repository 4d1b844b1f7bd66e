#include "programs/holdfastd/owner_link.h"

#include <unistd.h>

#include <cstdio>

#include "base/encoding.h"
#include "base/text.h"
#include "linux/system/files.h"
#include "trust/crypto/hash.h"

namespace holdfast::programs {

std::string text_of(const OwnerLink& link) {
  return cat(link.management_url, "/owner#ca=", to_hex(trust::crypto::sha256(link.service_ca)),
             "&secret=", link.secret);
}

Result<void> hand_over_owner_link(const OwnerLink& link, const std::filesystem::path& folder,
                                  const std::optional<std::filesystem::path>& file) {
  const std::string text = cat(text_of(link), "\n");
  if (!file && isatty(STDOUT_FILENO) == 1) {
    std::printf("\nThis service has no owner yet. Become its owner, once, with\n\n  holdfast login '%s'\n\n",
                text.substr(0, text.size() - 1).c_str());
    std::fflush(stdout);
    return {};
  }
  const std::filesystem::path path = file.value_or(folder / "owner-link");
  TRY(linux::system::write_file(path, as_bytes(text), linux::system::FileMode::Private));
  std::fprintf(stderr, "holdfastd: this service has no owner yet; the one-time owner link is in %s\n", path.c_str());
  return {};
}

}  // namespace holdfast::programs
