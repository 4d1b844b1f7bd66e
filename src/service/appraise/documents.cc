#include "service/appraise/documents.h"

namespace holdfast::service::appraise {
namespace {
constexpr std::size_t kKeptMax = 1024;
}

Result<Documents::Set> Documents::reference_set(const ports::ReferenceSetRow& row) {
  const std::lock_guard lock(mutex_);
  if (const auto found = sets_.find(row.id); found != sets_.end()) return found->second;
  auto set = std::make_shared<const trust::appraisal::ReferenceSet>(
      TRY(trust::appraisal::parse_reference_set(as_bytes(row.document))));
  if (sets_.size() >= kKeptMax) sets_.clear();
  sets_.emplace(row.id, set);
  return set;
}

Result<Documents::Policy> Documents::policy(const std::string& document) {
  const std::lock_guard lock(mutex_);
  if (const auto found = policies_.find(document); found != policies_.end()) return found->second;
  auto policy =
      std::make_shared<const trust::appraisal::Policy>(TRY(trust::appraisal::parse_policy(as_bytes(document))));
  if (policies_.size() >= kKeptMax) policies_.clear();
  policies_.emplace(document, policy);
  return policy;
}

}  // namespace holdfast::service::appraise
