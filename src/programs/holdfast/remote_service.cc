#include "programs/holdfast/remote_service.h"

#include "base/text.h"
#include "wire/trace.h"

namespace holdfast::programs {

namespace net = linux::net;

Result<cli::ServiceAnswer> RemoteService::call(const cli::ServiceCall& call) {
  net::Call request{.service = call.url,
                    .peer = linux::tls::PeerUnderDigest{call.service_ca_sha256},
                    .method = call.method,
                    .path = call.path,
                    .content_type = call.content_type,
                    .body = call.body,
                    .answer_bytes_max = cli::kServiceAnswerBytesMax};
  if (!call.token.empty()) {
    request.headers.emplace_back("Authorization", cat("Bearer ", as_text(call.token.expose())));
  }
  if (!call.idempotency_key.empty()) request.headers.emplace_back("Idempotency-Key", call.idempotency_key);
  if (!call.trace.empty()) request.headers.emplace_back(wire::kTraceHeader, wire::traceparent(call.trace));
  auto answer = client_.exchange(request);
  for (auto& header : request.headers) wipe(header.second);
  if (!answer) return fail_within(call.url, std::move(answer).error());
  return cli::ServiceAnswer{answer->status, std::move(answer->body)};
}

}  // namespace holdfast::programs
