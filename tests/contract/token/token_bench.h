// The token that a contract's test runs against.
#pragma once

#include <memory>

#include "ports/token.h"

namespace holdfast::tests {

class TokenBench {
 public:
  virtual ~TokenBench() = default;
  virtual ports::Token& token() = 0;
};

/// Nothing where it cannot be had here, which has been said.
std::unique_ptr<TokenBench> new_token();

}  // namespace holdfast::tests
