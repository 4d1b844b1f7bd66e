// Attestation policies in versions, and the reference values that they judge by.
#pragma once

#include "ports/store/table.h"

namespace holdfast::ports {

enum class PolicyState { Approved = 1 };  ///< what waits for approval is an ApprovalRow

struct PolicyRow {
  std::string catalog;
  std::string name;
  std::int64_t version = 0;
  PolicyState state = PolicyState::Approved;
  std::string document;    ///< JSON of trust::appraisal::Policy
  std::string loosenings;  ///< JSON array of sentences
  std::string proposed_by;
  std::string decided_by;
  WallTime created_at;

  static const Schema& schema();
  auto fields() {
    return std::tie(catalog, name, version, state, document, loosenings, proposed_by, decided_by, created_at);
  }
  auto fields() const {
    return std::tie(catalog, name, version, state, document, loosenings, proposed_by, decided_by, created_at);
  }
};

struct ReferenceSetRow {
  std::string catalog;
  Digest256 id{};  ///< SHA-256 of the document
  std::string component;
  std::string version;
  std::int64_t security_version = 0;
  std::string source;    ///< image, baseline
  std::string document;  ///< JSON of trust::appraisal::ReferenceSet
  bool withdrawn = false;
  std::string added_by;
  WallTime added_at;

  static const Schema& schema();
  auto fields() {
    return std::tie(catalog, id, component, version, security_version, source, document, withdrawn, added_by, added_at);
  }
  auto fields() const {
    return std::tie(catalog, id, component, version, security_version, source, document, withdrawn, added_by, added_at);
  }
};

inline constexpr std::string_view kReferencesByComponent = "reference_sets_by_component";  ///< catalog, component

/// That the devices of a group, or of a whole product, may run a reference set.
struct AllowedReferenceRow {
  std::string catalog;
  std::string product;
  std::string device_group;  ///< empty: every group of the product (baselines)
  Digest256 id{};
  WallTime allowed_at;
  std::string allowed_by;

  static const Schema& schema();
  /// As migration 1 made it.
  static const Schema& first_schema();
  auto fields() { return std::tie(catalog, product, device_group, id, allowed_at, allowed_by); }
  auto fields() const { return std::tie(catalog, product, device_group, id, allowed_at, allowed_by); }
};

inline constexpr std::string_view kAllowedReferencesById = "allowed_references_by_id";  ///< catalog, id

extern template class Table<PolicyRow>;
extern template class Table<ReferenceSetRow>;
extern template class Table<AllowedReferenceRow>;

}  // namespace holdfast::ports
