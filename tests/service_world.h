// A real service in a test: its gateway over a store in memory (or any other), on virtual time, with the owner of the
// catalog `acme` and, where a test wants a neighbour, the owner of `other`. Tests look into the store as an auditor
// would and change rows as only an attacker inside could.
#pragma once

#include <doctest/doctest.h>

#include "programs/simulation/owner.h"
#include "service/appraise/documents.h"
#include "service/gateway/gateway.h"
#include "service/identity/issuers.h"
#include "sim/clock/virtual_clock.h"
#include "sim/images/memory_image_files.h"
#include "sim/metrics/counts.h"
#include "sim/store/memory_store.h"

namespace holdfast::tests {

inline constexpr std::string_view kAcme = programs::simulation::kCatalog;
inline constexpr std::string_view kOther = "other";
inline constexpr std::string_view kProduct = programs::simulation::kProduct;
inline constexpr std::string_view kGroup = programs::simulation::kGroup;

inline const service::Caller kAda = service::OperatorCaller{"ada", "", service::Scope::Own};
inline const service::Caller kBen = service::OperatorCaller{"ben", "", service::Scope::Own};

class ServiceWorld {
 public:
  ServiceWorld();
  /// On a store that several threads use; `random` too is theirs.
  ServiceWorld(ports::Store& store, ports::Random& random);

  service::Deps& deps() { return deps_; }
  ports::Store& store() { return deps_.store; }
  sim::clock::VirtualClock& clock() { return clock_; }
  WallTime now() { return clock_.wall_time(); }
  void pass(Duration time) { clock_.advance(time); }
  sim::random::SeededRandom fork(std::string_view label) const { return seeded_.fork(label); }

  programs::simulation::Owner& owner() { return owner_; }
  /// The neighbour's catalog, which is there from the first call on.
  programs::simulation::Owner& other_owner();

  service::Response send(const service::Request& request) { return gateway_.handle(request, now()); }
  /// What an operator with this token is told on the management port.
  service::Response ask(std::string_view token, std::string_view method, std::string_view path,
                        std::string_view body = {}, std::string_view query = {});
  /// A new operator's token.
  std::string token(std::string name, service::Scope scope, std::string_view catalog = {},
                    std::optional<WallTime> expires = {});

  template <class Row, class... Key>
  std::optional<Row> find(const Key&... key) {
    std::optional<Row> out;
    read([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(ports::Table<Row>(tx).find(key...));
      return {};
    });
    return out;
  }
  /// Every row of a table whose key begins like this.
  template <class Row, class... Prefix>
  std::vector<Row> rows(const Prefix&... prefix) {
    std::vector<Row> out;
    read([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(ports::Table<Row>(tx).scan({.prefix = ports::record_of(prefix...), .limit = ports::kScanRowsMax}));
      return {};
    });
    return out;
  }
  template <class Row>
  void insert(const Row& row) {
    REQUIRE(write([&](ports::Transaction& tx) { return ports::Table<Row>(tx).insert(row); }));
  }
  template <class Row>
  void update(const Row& row) {
    REQUIRE(write([&](ports::Transaction& tx) { return ports::Table<Row>(tx).update(row); }));
  }
  Result<void> write(const ports::Work& work) { return store().write(work); }
  void read(const ports::Work& work) { REQUIRE(store().read(work)); }

  sim::metrics::Counts& metrics() { return metrics_; }
  /// Transactions so far that changed something.
  std::size_t writes() const { return memory_.unflushed_writes(); }
  /// Somebody else gets in between: runs just before the next transaction that writes, once.
  void before_next_write(std::function<void()> somebody);

  /// The actions of a chain's entries behind the first `after`, in order; each hash continues the one before.
  std::vector<std::string> audited(std::string_view chain = kAcme, std::size_t after = 0);

 private:
  sim::random::SeededRandom seeded_;
  sim::random::SeededRandom service_random_;
  sim::store::MemoryStore memory_;
  sim::clock::VirtualClock clock_;
  service::Settings settings_;
  sim::metrics::Counts metrics_;
  sim::images::MemoryImageFiles images_;
  service::Keyring keyring_;
  service::identity::Issuers issuers_;
  service::appraise::Documents documents_;
  service::Deps deps_;
  service::gateway::Gateway gateway_;
  programs::simulation::Owner owner_;
  std::optional<programs::simulation::Owner> other_owner_;
};

/// A problem's reason, read from its body; empty for an answer that is none.
std::string reason_of(const service::Response& response);

}  // namespace holdfast::tests
