// Certificate path validation as C2SP/x509-limbo tests it: nothing that must fail is accepted, and what we refuse
// beyond that is exactly the list below.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/json/value.h"
#include "base/text.h"
#include "skip.h"
#include "trust/x509/chain.h"

using namespace holdfast;
using namespace holdfast::trust::x509;

namespace {

constexpr std::size_t kLimboBytesMax = 16 * 1024 * 1024;
constexpr WallTime kNow = WallTime::from_seconds(1'780'000'000);  // where a case says none

struct Refusal {
  std::string_view id;
  Reason reason;
};

/// Chains that limbo has valid and we refuse, each on purpose.
constexpr Refusal kRefusedOnPurpose[] = {
    // An anchor issued by another CA without an authority key identifier; aki::cross-signed-root-missing-aki must fail.
    {"cve::cve-2024-0567", kChainProfile},
    // A CA in a leaf's place, as in webpki::ca-as-leaf, which must fail.
    {"pathlen::validation-ignores-pathlen-in-leaf", kChainProfile},
    {"rfc5280::ca-as-leaf", kChainProfile},
    // A leaf for every use; webpki::eku::ee-without-eku must fail.
    {"rfc5280::eku::ee-without-eku", kChainPurpose},
    // Name constraints that are not critical; rfc5280::nc::permitted-dns-match-noncritical must fail.
    {"webpki::nc::permitted-dns-match-noncritical", kChainProfile},
    // A wildcard without its base beside it, as in webpki::san::public-suffix-multi-label-wildcard-san.
    {"webpki::nc::nc-permits-dns-san-pattern", kChainName},
    {"webpki::san::leftmost-wildcard-san", kChainName},
};

std::string text(const json::Value& of, std::string_view name) {
  const json::Value* member = of.find(name);
  return member != nullptr && member->text() != nullptr ? *member->text() : "";
}

std::vector<std::string> texts(const json::Value& of, std::string_view name) {
  std::vector<std::string> out;
  const json::Value* member = of.find(name);
  if (member == nullptr || member->array() == nullptr) return out;
  for (const json::Value& each : *member->array()) out.push_back(*each.text());
  return out;
}

/// `2024-03-01T00:00:00.999+00:00`; limbo writes no other offset.
WallTime time_of(const json::Value& test) {
  const std::string written = text(test, "validation_time");
  if (written.empty()) return kNow;
  REQUIRE(written.ends_with("+00:00"));
  WallTime time = *parse_rfc3339(written.substr(0, 19) + "Z");
  if (written[19] != '.') return time;
  std::string fraction = written.substr(20, written.size() - 26);
  fraction.resize(3, '0');
  time.ms += std::stoi(fraction);
  return time;
}

ChainQuestion question_of(const json::Value& test) {
  ChainQuestion question{.leaf = text(test, "peer_certificate"),
                         .trusted = join(texts(test, "trusted_certs"), "\n"),
                         .untrusted = join(texts(test, "untrusted_intermediates"), "\n"),
                         .crls = texts(test, "crls"),
                         .time = time_of(test),
                         .purpose = text(test, "validation_kind") == "CLIENT" ? Purpose::Client : Purpose::Server,
                         .host = {},
                         .address = {},
                         .depth = {}};
  if (const json::Value* peer = test.find("expected_peer_name"); peer != nullptr && !peer->is_null()) {
    const std::string kind = text(*peer, "kind");
    if (kind == "DNS") question.host = text(*peer, "value");
    if (kind == "IP") question.address = text(*peer, "value");
  }
  if (const json::Value* depth = test.find("max_chain_depth"); depth != nullptr && depth->integer() != nullptr) {
    question.depth = static_cast<int>(*depth->integer());
  }
  return question;
}

}  // namespace

TEST_CASE("of limbo's chains none is accepted that must be refused, and few are refused that need not be") {
  const char* elsewhere = std::getenv("HOLDFAST_VECTORS");
  const std::filesystem::path file =
      std::filesystem::path(elsewhere != nullptr ? elsewhere : HOLDFAST_VECTORS_DEFAULT) / "x509-limbo/limbo.json";
  std::ifstream in(file, std::ios::binary);
  if (!in) return skip_program(cat("no vectors at ", file.string()).c_str());
  const std::string limbo{std::istreambuf_iterator<char>(in), {}};
  const auto parsed =
      json::parse(as_bytes(limbo), {.bytes_max = kLimboBytesMax, .depth_max = 16, .nodes_max = 100'000});
  REQUIRE(parsed);

  int accepted = 0;
  int refused = 0;
  for (const json::Value& test : *parsed->find("testcases")->array()) {
    const std::string id = text(test, "id");
    CAPTURE(id);
    const auto path = verify_chain(question_of(test));
    const std::string why = path ? "" : cat(path.error().reason.word(), ": ", path.error().message);
    INFO(why);
    const auto on_purpose = std::ranges::find(kRefusedOnPurpose, id, &Refusal::id);
    if (text(test, "expected_result") != "SUCCESS") {
      CHECK_FALSE(path);
    } else if (on_purpose != std::end(kRefusedOnPurpose)) {
      REQUIRE_FALSE(path);
      CHECK(path.error().reason == on_purpose->reason);
    } else {
      CHECK(path);
    }
    ++(path ? accepted : refused);
  }
  MESSAGE(accepted, " chains accepted, ", refused, " refused");
}
