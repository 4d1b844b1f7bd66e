// What a service has acknowledged, as its clients remember it, and whether it still knows it.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "attack/owner.h"
#include "sim/random/seeded_random.h"

namespace holdfast::tests {

/// Written down by many threads once the answer has come.
class KillLedger {
 public:
  /// Hears of each acknowledgement, one at a time.
  using Heard = std::function<void(const std::string& kind, const std::string& what)>;
  explicit KillLedger(Heard heard = {}) : heard_(std::move(heard)) {}

  void acknowledge(const std::string& kind, const std::string& what);
  void acknowledge(linux::net::ClientKey certificate);
  std::size_t size() const;
  std::size_t size(const std::string& kind) const;
  std::size_t certificates() const;
  /// What was acknowledged and is not there any more, and every id that is there twice. Of tickets and certificates,
  /// which are asked for one by one, the newest.
  std::vector<std::string> missing(const Owner& owner) const;

 private:
  const Heard heard_;
  mutable std::mutex lock_;
  std::map<std::string, std::vector<std::string>> said_;  ///< by kind, in their order
  std::vector<linux::net::ClientKey> certificates_;
};

inline constexpr const char* kProducts = "product";
inline constexpr const char* kPolicies = "policy";
inline constexpr const char* kOperators = "operator";
inline constexpr const char* kTickets = "ticket";            ///< by its file
inline constexpr const char* kCertificates = "certificate";  ///< by the SHA-256 of it, for those who hear

/// Asks for one thing of some kind. The answer's status; it is in the ledger where that is 201.
int ask_once(Caller& owner, KillLedger& ledger, const std::string& name, sim::random::SeededRandom& random);
/// Asks the management port for one thing after another until it is gone, or until `over`.
void keep_asking(std::uint16_t port, const std::string& token, KillLedger& ledger, const std::string& worker,
                 std::uint64_t seed, const std::atomic<bool>* over = nullptr);
/// Reboots and attests until `gone`.
void keep_attesting(SoftDevice& device, KillLedger& ledger, const std::atomic<bool>& gone);

}  // namespace holdfast::tests
