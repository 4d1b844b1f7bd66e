// Receivers of webhooks that a test writes down: what each name resolves to, each time anew, and what is answered.
// Every look-up and every call is kept in order.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ports/callout.h"

namespace holdfast::sim::callout {

class ScriptedCallout final : public ports::Callout {
 public:
  using Addresses = std::vector<ports::IpAddress>;

  /// `name` has these addresses at its first look-up, those at its second, and so on; the last ones stay.
  void resolves(std::string name, const std::vector<std::vector<std::string>>& answers);
  /// What every post is answered with; 204 where nothing was said.
  void answers(std::function<Result<int>(const ports::CalloutRequest&)> answer) { answer_ = std::move(answer); }

  /// Unknown where nobody said otherwise.
  Result<Addresses> resolve(const std::string& host) override;
  Result<int> post(const ports::CalloutRequest& request) override;

  std::vector<std::string> looked_up;
  std::vector<ports::CalloutRequest> posted;

 private:
  std::map<std::string, std::vector<Addresses>, std::less<>> names_;
  std::function<Result<int>(const ports::CalloutRequest&)> answer_;
};

}  // namespace holdfast::sim::callout
