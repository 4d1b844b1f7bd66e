#include <doctest/doctest.h>

#include "soft_hsm.h"
#include "token_bench.h"

namespace holdfast::tests {
namespace {

class Pkcs11TokenBench final : public TokenBench {
 public:
  explicit Pkcs11TokenBench(std::unique_ptr<SoftHsm> hsm) : hsm_(std::move(hsm)) {
    auto opened = linux::token::Pkcs11Token::open(hsm_->options());
    if (!opened) FAIL(opened.error().message);
    token_ = *std::move(opened);
  }
  ports::Token& token() override { return *token_; }

 private:
  std::unique_ptr<SoftHsm> hsm_;
  std::unique_ptr<linux::token::Pkcs11Token> token_;
};

}  // namespace

std::unique_ptr<TokenBench> new_token() {
  auto hsm = SoftHsm::start();
  if (!hsm) return {};
  return std::make_unique<Pkcs11TokenBench>(std::move(hsm));
}

}  // namespace holdfast::tests
