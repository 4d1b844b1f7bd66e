#include "sim/random/seeded_random.h"
#include "sim/token/memory_token.h"
#include "token_bench.h"

namespace holdfast::tests {
namespace {

class MemoryTokenBench final : public TokenBench {
 public:
  ports::Token& token() override { return token_; }

 private:
  sim::random::SeededRandom random_{1};
  sim::token::MemoryToken token_{random_};
};

}  // namespace

std::unique_ptr<TokenBench> new_token() { return std::make_unique<MemoryTokenBench>(); }

}  // namespace holdfast::tests
