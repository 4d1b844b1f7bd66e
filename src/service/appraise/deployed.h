// What deployments let a device run (docs/decisions/0017-reference-values-follow-a-deployment.md): the images of the
// one that it was told of last, and of those before whose images its places may still hold. Their reference values are
// accepted from it as long as that is so, and from no other device for that.
#pragma once

#include "ports/store/rows/update.h"
#include "service/appraise/documents.h"
#include "service/deps.h"

namespace holdfast::service::appraise {

/// One that the device was told of, and whether it said that it has its images.
struct Held {
  std::int64_t deployment = 0;
  bool is_confirmed = false;
  friend bool operator==(const Held&, const Held&) = default;
};

inline constexpr std::size_t kHeldMax = 8;  ///< of one device; the oldest that it never confirmed go first

/// Newest first; empty where nothing was deployed to it.
Result<std::vector<Held>> held_of(const ports::DirectionRow& row);
std::string text_of(const std::vector<Held>& held);
/// Whether the first of them is this one, confirmed; as text_of() writes it, without reading the rest.
bool holds_first(const ports::DirectionRow& row, std::int64_t deployment);

/// The device is told of another one, or of one again.
void tell(std::vector<Held>& held, std::int64_t deployment);
/// It has the images of this one: what was before the last confirmed one has been overwritten.
void confirm(std::vector<Held>& held, std::int64_t deployment);

/// The ids of reference sets as a deployment's row keeps them; none: it has none.
std::optional<std::string> text_of(const std::vector<Digest256>& sets);

struct Deployed {
  std::vector<Documents::Set> sets = {};   ///< the newest deployment's first
  std::vector<std::string> optional = {};  ///< components of theirs that may be on their way there, or on their way out
};
Result<Deployed> deployed_to(ports::Transaction& tx, Deps& deps, std::string_view catalog, std::string_view device);

/// The versions that the owner withdrew.
Result<Documents::Names> withdrawn_versions(ports::Transaction& tx, Deps& deps, std::string_view catalog);

}  // namespace holdfast::service::appraise
