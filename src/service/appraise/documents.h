// Policies and reference sets, parsed once. They are found by the digest of their text, so that nothing kept here can
// be out of date; the store says which ones are in force.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "ports/store/rows/policy.h"
#include "trust/appraisal/policy.h"

namespace holdfast::service::appraise {

class Documents {
 public:
  using Set = std::shared_ptr<const trust::appraisal::ReferenceSet>;
  using Policy = std::shared_ptr<const trust::appraisal::Policy>;
  using Names = std::shared_ptr<const std::vector<trust::appraisal::ImageName>>;

  Result<Set> reference_set(const ports::ReferenceSetRow& row);
  Result<Policy> policy(const std::string& document);
  Result<Names> names(const std::string& document);  ///< of [[component, version]…]

 private:
  std::mutex mutex_;
  std::map<Digest256, Set> sets_;
  std::map<std::string, Policy> policies_;
  std::map<std::string, Names> names_;
};

}  // namespace holdfast::service::appraise
