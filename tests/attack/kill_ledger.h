// What a service has acknowledged, as its clients remember it, and whether it still knows it.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "attack/stage.h"

namespace holdfast::tests {

/// Written down by many threads once the answer has come.
class KillLedger {
 public:
  void acknowledge(const std::string& kind, const std::string& what) {
    const std::lock_guard hold(lock_);
    said_[kind].push_back(what);
  }
  void acknowledge(linux::net::ClientKey certificate) {
    const std::lock_guard hold(lock_);
    certificates_.push_back(std::move(certificate));
  }
  std::size_t size() const;
  std::size_t size(const std::string& kind) const;
  std::size_t certificates() const;
  /// What was acknowledged and is not there any more, and every id that is there twice. Of tickets and certificates,
  /// which are asked for one by one, the newest.
  std::vector<std::string> missing(Stage& stage) const;

 private:
  mutable std::mutex lock_;
  std::map<std::string, std::vector<std::string>> said_;  ///< by kind, in their order
  std::vector<linux::net::ClientKey> certificates_;
};

inline constexpr const char* kProducts = "product";
inline constexpr const char* kPolicies = "policy";
inline constexpr const char* kOperators = "operator";
inline constexpr const char* kTickets = "ticket";  ///< by its file

/// Asks the management port for one thing after another until it is gone, or until `over`.
void keep_asking(std::uint16_t port, const std::string& token, KillLedger& ledger, const std::string& worker,
                 std::uint64_t seed, const std::atomic<bool>* over = nullptr);
/// Reboots and attests until `gone`.
void keep_attesting(SoftDevice& device, KillLedger& ledger, const std::atomic<bool>& gone);

}  // namespace holdfast::tests
