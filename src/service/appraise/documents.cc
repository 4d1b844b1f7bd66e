#include "service/appraise/documents.h"

namespace holdfast::service::appraise {
namespace {

constexpr std::size_t kKeptMax = 1024;

Result<std::vector<trust::appraisal::ImageName>> read_names(const std::string& document) {
  std::vector<trust::appraisal::ImageName> out;
  const json::Value list = TRY(json::parse(as_bytes(document)));
  if (list.array() == nullptr) return fail(Next::Corrupt, ports::kRowCorrupt, "expected a list of names");
  for (const json::Value& one : *list.array()) {
    const json::Array* pair = one.array();
    const bool is_name = pair != nullptr && pair->size() == 2 && (*pair)[0].text() && (*pair)[1].text();
    if (!is_name) return fail(Next::Corrupt, ports::kRowCorrupt, "expected a component and a version as a name");
    out.push_back({*(*pair)[0].text(), *(*pair)[1].text()});
  }
  return out;
}

}  // namespace

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

Result<Documents::Names> Documents::names(const std::string& document) {
  const std::lock_guard lock(mutex_);
  if (const auto found = names_.find(document); found != names_.end()) return found->second;
  auto names = std::make_shared<const std::vector<trust::appraisal::ImageName>>(TRY(read_names(document)));
  if (names_.size() >= kKeptMax) names_.clear();
  names_.emplace(document, names);
  return names;
}

}  // namespace holdfast::service::appraise
