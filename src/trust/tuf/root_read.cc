#include "trust/tuf/root.h"

namespace holdfast::trust::tuf {

std::string_view name_of(RoleName role) {
  switch (role) {
    case RoleName::Root: return "root";
    case RoleName::Targets: return "targets";
    case RoleName::Snapshot: return "snapshot";
    case RoleName::Timestamp: return "timestamp";
  }
  return "unknown";
}

Result<Root> read_root(const Envelope& envelope) {
  auto fields = TRY(json::Fields::of(envelope.signed_part, "root"));
  const Header header = TRY(read_header(fields, "root"));
  Root out;
  out.version = header.version;
  out.expires = header.expires;
  if (fields.has("consistent_snapshot")) out.consistent_snapshot = TRY(fields.boolean("consistent_snapshot"));
  out.keys = TRY(read_keys(*TRY(fields.value("keys"))));
  auto roles = TRY(fields.object("roles"));
  for (std::size_t i = 0; i < kRoleCount; ++i) {
    const std::string_view name = name_of(static_cast<RoleName>(i));
    out.roles[i] = TRY(read_role(*TRY(roles.value(name)), name, out.keys));
  }
  return out;
}

}  // namespace holdfast::trust::tuf
