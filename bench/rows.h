// Every figure that Holdfast claims. A row is made when it is to be measured; making it does the work that is not
// being measured.
#pragma once

#include "base/result.h"
#include "bench/compare.h"

namespace holdfast::bench {

Result<Comparison> full_handshake();
Result<Comparison> resumed_handshake();
Result<Comparison> kept_connection();
Result<Comparison> certificate_issue();
Result<Comparison> quote_verification();

}  // namespace holdfast::bench
