// A token in memory: it keeps its keys for as long as it is there, has room for so many, and can be pulled out.
#pragma once

#include <map>
#include <mutex>

#include "ports/random.h"
#include "ports/token.h"
#include "trust/crypto/key.h"

namespace holdfast::sim::token {

class MemoryToken final : public ports::Token {
 public:
  explicit MemoryToken(ports::Random& random, std::size_t room = 100) : random_(random), room_(room) {}

  Result<Key> make(const std::string& label) override;
  Result<std::shared_ptr<ports::Signer>> open(const std::string& reference) override;
  Result<void> destroy(const std::string& reference) override;

  void set_there(bool there) { is_there_ = there; }
  std::size_t keys() const { return keys_.size(); }

 private:
  class Signing;
  struct Held {
    std::string label;
    std::shared_ptr<const trust::crypto::PrivateKey> key;
  };
  Result<void> require_there() const;
  Result<std::shared_ptr<const trust::crypto::PrivateKey>> find(const std::string& reference);

  ports::Random& random_;
  std::size_t room_;
  bool is_there_ = true;
  std::mutex mutex_;
  std::map<std::string, Held, std::less<>> keys_;  ///< by reference
};

}  // namespace holdfast::sim::token
