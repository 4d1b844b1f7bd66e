#include "sim/callout/scripted_callout.h"

#include "base/check.h"
#include "base/text.h"

namespace holdfast::sim::callout {

void ScriptedCallout::resolves(std::string name, const std::vector<std::vector<std::string>>& answers) {
  std::vector<Addresses> parsed;
  for (const auto& answer : answers) {
    Addresses& addresses = parsed.emplace_back();
    for (const std::string& text : answer) {
      const auto address = ports::parse_ip_address(text);
      CHECK_INVARIANT(address.has_value());
      addresses.push_back(*address);
    }
  }
  CHECK_INVARIANT(!parsed.empty());
  names_.insert_or_assign(std::move(name), std::move(parsed));
}

Result<ScriptedCallout::Addresses> ScriptedCallout::resolve(const std::string& host) {
  looked_up.push_back(host);
  const auto found = names_.find(host);
  if (found == names_.end()) {
    return fail(Next::Retry, ports::kCalloutNameUnknown, cat("expected a name with an address, saw ", host));
  }
  auto& answers = found->second;
  Addresses now = answers.front();
  if (answers.size() > 1) answers.erase(answers.begin());
  return now;
}

Result<int> ScriptedCallout::post(const ports::CalloutRequest& request) {
  posted.push_back(request);
  return answer_ ? answer_(request) : Result<int>(204);
}

}  // namespace holdfast::sim::callout
