// Every figure that Holdfast claims. A row is made when it is to be measured; making it does the work that is not
// being measured.
#pragma once

#include "base/result.h"
#include "bench/compare.h"

namespace holdfast::bench {

inline constexpr std::size_t kAtOnce = 256;  ///< devices under way together, where a row says so

Result<Comparison> full_handshake();
Result<Comparison> resumed_handshake();
Result<Comparison> kept_connection();
Result<Figure> idle_connections();
Result<Comparison> durable_check_ins();
Result<Comparison> durable_rows();
Result<Figure> acknowledgements_per_sync();
Result<Comparison> attestations();
Result<Comparison> certificate_issue();
Result<Comparison> quote_verification();
Result<Comparison> update_checks();
Result<Figure> deployment_of_140_000();
Result<Figure> rollout_of_100_000();

}  // namespace holdfast::bench
