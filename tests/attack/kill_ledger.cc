#include "attack/kill_ledger.h"

#include <doctest/doctest.h>

#include <set>

#include "base/encoding.h"
#include "base/text.h"
#include "service/claim/tickets.h"
#include "service/identity/certificates.h"
#include "trust/crypto/hash.h"
#include "wire/check_in.h"
#include "wire/claim_ticket.h"
#include "wire/enroll.h"

namespace holdfast::tests {
namespace {

/// Of what cannot be asked for as one list.
constexpr std::size_t kNewest = 30;

/// The member `name` of each item of a list; each once (of policies: each version once), or `twice` names it.
std::set<std::string> names_in(const Owner& owner, const std::string& path, std::string_view name,
                               std::vector<std::string>& twice) {
  std::set<std::string> out;
  std::set<std::string> whole;
  for (const json::Value& item : owner.owner().list(path)) {
    const std::string word = *item.find(name)->text();
    const json::Value* version = item.find("version");
    const std::string all = version == nullptr ? word : cat(word, " ", json::dump(*version));
    if (!whole.insert(all).second) twice.push_back(cat(path, " has ", all, " twice"));
    out.insert(word);
  }
  return out;
}

/// Whether the service knows the ticket: an enrolment with it and with keys that are none is refused for the keys.
bool knows_ticket(Caller& device, const std::string& file) {
  const auto ticket = wire::ClaimTicket::decode(as_bytes(file));
  REQUIRE(ticket);
  wire::EnrollRequest out;
  out.catalog = kAcme;
  out.ek_public = out.ak_public = Blob(64, 1);
  out.claim_secret = ticket->secret.clone();
  const Answer answer = device.send("POST", "/v1/enroll", to_text(out.encode()));
  const bool is_known = answer.reason() != service::claim::kTicketUnknown.word();
  REQUIRE(answer.status == (is_known ? 400 : 403));
  return is_known;
}

/// Whether the service knows the certificate, whatever it is worth by now.
bool knows_certificate(const Owner& owner, const linux::net::ClientKey& key) {
  wire::CheckInRequest out;
  out.boot_count = 1;
  Caller device(owner.device_port());
  const Answer answer = device.send("POST", "/v1/check-in", to_text(out.encode()), key);
  return answer.status == 200 || answer.reason() == service::identity::kCertificateSuperseded.word();
}

Answer ask(Caller& owner, std::uint64_t kind, const std::string& name) {
  switch (kind) {
    case 0: return owner.post(path_in(kAcme, "/products"), json::Object{{"name", name}});
    case 1: return owner.post(path_in(kAcme, cat("/policies/", name)), json::Object{{"version", 1}});
    case 2: return owner.post("/v1/operators", json::Object{{"name", name}, {"scope", "read"}, {"catalog", kAcme}});
    default:
      return owner.post(path_in(kAcme, "/claims"), json::Object{{"product", "gateway"}, {"device_group", "field"}});
  }
}

}  // namespace

void KillLedger::acknowledge(const std::string& kind, const std::string& what) {
  const std::lock_guard hold(lock_);
  if (heard_) heard_(kind, what);
  said_[kind].push_back(what);
}

void KillLedger::acknowledge(linux::net::ClientKey certificate) {
  const std::lock_guard hold(lock_);
  if (heard_) heard_(kCertificates, to_hex(trust::crypto::sha256(certificate.certificate)));
  certificates_.push_back(std::move(certificate));
}

std::size_t KillLedger::size() const {
  const std::lock_guard hold(lock_);
  std::size_t out = certificates_.size();
  for (const auto& [kind, all] : said_) out += all.size();
  return out;
}

std::size_t KillLedger::size(const std::string& kind) const {
  const std::lock_guard hold(lock_);
  const auto at = said_.find(kind);
  return at == said_.end() ? 0 : at->second.size();
}

std::size_t KillLedger::certificates() const {
  const std::lock_guard hold(lock_);
  return certificates_.size();
}

std::vector<std::string> KillLedger::missing(const Owner& owner) const {
  const std::lock_guard hold(lock_);
  std::vector<std::string> out;
  const auto look = [&](const char* kind, std::size_t newest, const auto& is_there) {
    const auto at = said_.find(kind);
    if (at == said_.end()) return;
    const std::vector<std::string>& all = at->second;
    for (std::size_t i = all.size() - std::min(newest, all.size()); i < all.size(); ++i) {
      if (!is_there(all[i])) out.push_back(cat(kind, " ", all[i]));
    }
  };
  const auto look_in_list = [&](const char* kind, const std::string& path) {
    const auto names = names_in(owner, path, "name", out);
    look(kind, SIZE_MAX, [&](const std::string& one) { return names.contains(one); });
  };
  look_in_list(kProducts, path_in(kAcme, "/products"));
  look_in_list(kPolicies, path_in(kAcme, "/policies"));
  look_in_list(kOperators, "/v1/operators");
  Caller device(owner.device_port());
  look(kTickets, kNewest, [&](const std::string& file) { return knows_ticket(device, file); });
  const auto tickets = names_in(owner, path_in(kAcme, "/claims"), "ticket", out);
  const auto at = said_.find(kTickets);
  if (at != said_.end() && tickets.size() < at->second.size()) out.push_back("tickets by their number");
  for (std::size_t i = certificates_.size() - std::min(kNewest, certificates_.size()); i < certificates_.size(); ++i) {
    if (!knows_certificate(owner, certificates_[i])) out.push_back(cat("certificate ", i));
  }
  return out;
}

int ask_once(Caller& owner, KillLedger& ledger, const std::string& name, sim::random::SeededRandom& random) {
  constexpr const char* kKinds[] = {kProducts, kPolicies, kOperators, kTickets};
  const std::uint64_t kind = random.below(std::size(kKinds));
  const Answer answer = ask(owner, kind, name);
  if (answer.status == 201) ledger.acknowledge(kKinds[kind], kind == 3 ? json::dump(answer.body) : name);
  return answer.status;
}

void keep_asking(std::uint16_t port, const std::string& token, KillLedger& ledger, const std::string& worker,
                 std::uint64_t seed, const std::atomic<bool>* over) {
  constexpr int kRequestsMax = 500;
  sim::random::SeededRandom random(seed);
  Caller owner(port, token);
  for (int i = 0; i < kRequestsMax && !(over != nullptr && *over); ++i) {
    if (ask_once(owner, ledger, cat(worker, "-", i), random) == 0 && over == nullptr) return;
  }
}

void keep_attesting(SoftDevice& device, KillLedger& ledger, const std::atomic<bool>& gone) {
  while (!gone) {
    device.boot();
    if (!device.settle(4)) continue;
    if (auto key = device.client_key()) ledger.acknowledge(*std::move(key));
  }
}

}  // namespace holdfast::tests
