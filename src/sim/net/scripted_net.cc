#include "sim/net/scripted_net.h"

#include <algorithm>

#include "base/text.h"

namespace holdfast::sim::net {

Answer always(int status, Bytes body) {
  return [status, kept = to_blob(body)](const ports::NetRequest&) -> Result<ports::NetAnswer> {
    return ports::NetAnswer{.status = status, .body = kept, .retry_after = {}};
  };
}

Answer unreachable() {
  return [](const ports::NetRequest& request) -> Result<ports::NetAnswer> {
    return fail(Next::Retry, ports::kNetUnreachable, cat("expected ", request.service, " to answer, saw nothing"));
  };
}

void ScriptedNet::on(std::string_view method, std::string_view path, Answer answer) {
  answers_.insert_or_assign(cat(method, ' ', path), std::move(answer));
}

void ScriptedNet::on_below(std::string_view method, std::string_view prefix, Answer answer) {
  answers_below_.insert_or_assign(cat(method, ' ', prefix), std::move(answer));
}

Result<ports::NetAnswer> ScriptedNet::exchange(const ports::NetRequest& request) {
  requests_.push_back(request);
  const std::string asked = cat(request.method, ' ', request.path);
  if (const auto found = answers_.find(asked); found != answers_.end()) return found->second(request);
  const auto below =
      std::ranges::find_if(answers_below_, [&](const auto& one) { return asked.starts_with(one.first); });
  return below == answers_below_.end() ? unreachable()(request) : below->second(request);
}

std::size_t ScriptedNet::count(std::string_view path) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(requests_, [&](const ports::NetRequest& request) { return request.path == path; }));
}

}  // namespace holdfast::sim::net
