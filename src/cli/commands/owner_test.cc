#include <doctest/doctest.h>

#include "base/encoding.h"
#include "cli/memory_world.h"
#include "owner_keys.h"
#include "trust/tuf/trust_policy.h"
#include "trust/x509/authority.h"
#include "trust/x509/authority_check.h"
#include "trust/x509/crl.h"
#include "trust/x509/request.h"

namespace holdfast::cli::commands {
namespace {

namespace tuf = trust::tuf;
namespace x509 = trust::x509;
using test::CommandLine;
using Request = test::ScriptedService::Request;

const std::string kBase = "/v1/catalogs/fleet";

Blob document_in(const Request& request) {
  const auto body = json::parse(as_bytes(request.body));
  REQUIRE(body);
  REQUIRE(body->find("document"));
  return *from_base64(*body->find("document")->text());
}

/// The owner's side of a service: it keeps what it is given, and looks at none of it.
struct Documents {
  std::vector<Blob> roots;
  std::optional<Blob> trust_policy;
  Blob service_ca{0x30, 0x00};

  explicit Documents(CommandLine& line) {
    line.log_in("fleet");
    auto config = parse_config(line.files.files.at("config.json").bytes);
    config->service_ca_sha256 = trust::crypto::sha256(service_ca);
    line.files.put("config.json", as_text(dump_config(*config).expose()), Access::OwnerOnly);
    line.service.rows["GET " + kBase + "/owner-documents"] = [this](const Request&) {
      json::Array list;
      for (const Blob& root : roots) list.emplace_back(to_base64(root));
      return json::Object{{"roots", std::move(list)},
                          {"trust_policy", trust_policy ? json::Value(to_base64(*trust_policy)) : json::Value()}};
    };
    line.service.rows["PUT " + kBase + "/trust-policy"] = [this](const Request& request) {
      trust_policy = document_in(request);
      return json::Object{};
    };
    line.service.rows["PUT " + kBase + "/root"] = [this](const Request& request) {
      roots.push_back(document_in(request));
      return json::Object{};
    };
    line.service.rows["GET /v1/service"] = [this](const Request&) {
      return json::Object{{"device_urls", json::Array{"https://127.0.0.1:8443"}},
                          {"service_ca", to_base64(service_ca)}};
    };
  }

  Result<tuf::TrustPolicy> verified() const {
    const auto root = TRY(tuf::verify_root_chain(roots, tuf::root_digest(roots.front())));
    return *TRY(tuf::verify_trust_policy(*trust_policy, root, "fleet", {}));
  }
};

/// Takes the keys out of the owner's folder, as to holders who keep them elsewhere.
void hand_out_keys(CommandLine& line) {
  for (const std::string number : {"1", "2", "3"}) {
    auto node = line.files.files.extract("owner/root-key-" + number + ".pem");
    node.key() = "holder-" + number + ".pem";
    line.files.files.insert(std::move(node));
  }
}

constexpr const char* kDraft = "owner/fleet/trust-policy-1.draft.json";

}  // namespace

TEST_CASE("owner init makes a key that only its owner can read, and a root that it signed") {
  CommandLine line;
  REQUIRE(line.run({"owner", "init", "--dir", "owner"}) == 0);
  CHECK(line.files.files.at("owner/root-key-1.pem").access == Access::OwnerOnly);
  CHECK(line.files.text("owner/root-key-1.pem").starts_with("-----BEGIN PRIVATE KEY-----"));
  const Blob root = line.files.files.at("owner/1.root.json").bytes;
  CHECK(tuf::verify_pinned_root(root, tuf::root_digest(root)));
  CHECK(line.printed.find(to_hex(tuf::root_digest(root))) != std::string::npos);
  CHECK(line.printed.find("PRIVATE") == std::string::npos);
  CHECK(line.run({"owner", "show", "--dir", "owner"}) == 0);
}

TEST_CASE("owner init replaces nothing that is there") {
  CommandLine line;
  REQUIRE(line.run({"owner", "init", "--dir", "owner"}) == 0);
  const auto before = line.files.text("owner/root-key-1.pem");
  CHECK(line.run({"owner", "init", "--dir", "owner"}) == 6);
  CHECK(line.files.text("owner/root-key-1.pem") == before);
}

TEST_CASE("a threshold that no number of signatures can meet is wrong usage") {
  CommandLine line;
  CHECK(line.run({"owner", "init", "--dir", "owner", "--keys", "2", "--threshold", "3"}) == 2);
  CHECK(line.run({"owner", "init", "--dir", "owner", "--threshold", "0"}) == 2);
  CHECK(line.files.files.empty());
}

TEST_CASE("a root that was changed in the owner's folder is noticed") {
  CommandLine line;
  REQUIRE(line.run({"owner", "init", "--dir", "owner"}) == 0);
  std::string text = line.files.text("owner/1.root.json");
  text.replace(text.find("\"expires\": \"2037"), 16, "\"expires\": \"2099");
  line.files.put("owner/1.root.json", text);
  CHECK(line.run({"owner", "show", "--dir", "owner"}) == 1);
}

TEST_CASE("of three holders two sign, one after the other, and then the document counts") {
  CommandLine line;
  Documents documents(line);
  REQUIRE(line.run({"owner", "init", "--dir", "owner", "--keys", "3", "--threshold", "2"}) == 0);
  documents.roots = {line.files.files.at("owner/1.root.json").bytes};
  hand_out_keys(line);
  REQUIRE(line.run({"owner", "trust-policy", "set", "--dir", "owner"}) == 0);
  CHECK(line.printed.find("2 of 2 signatures") != std::string::npos);
  CHECK_FALSE(documents.trust_policy);
  CHECK(line.run({"owner", "sign", kDraft, "--dir", "owner", "--key", "holder-3.pem"}) == 0);
  CHECK(line.run({"owner", "sign", kDraft, "--dir", "owner", "--key", "holder-3.pem"}) == 0);
  CHECK(line.run({"owner", "publish", kDraft, "--dir", "owner"}) == 1);
  CHECK_FALSE(documents.trust_policy);
  CHECK(line.run({"owner", "sign", kDraft, "--dir", "owner", "--key", "holder-1.pem"}) == 0);
  CHECK(line.run({"owner", "publish", kDraft, "--dir", "owner"}) == 0);
  REQUIRE(documents.trust_policy);
  CHECK(documents.verified());
}

TEST_CASE("a document that was changed behind the first signature has lost it") {
  CommandLine line;
  Documents documents(line);
  REQUIRE(line.run({"owner", "init", "--dir", "owner", "--keys", "3", "--threshold", "2"}) == 0);
  documents.roots = {line.files.files.at("owner/1.root.json").bytes};
  hand_out_keys(line);
  REQUIRE(line.run({"owner", "trust-policy", "set", "--dir", "owner"}) == 0);
  CHECK(line.run({"owner", "sign", kDraft, "--dir", "owner", "--key", "holder-1.pem"}) == 0);
  std::string text = line.files.text(kDraft);
  text.replace(text.find("127.0.0.1"), 9, "127.0.0.9");
  line.files.put(kDraft, text);
  CHECK(line.run({"owner", "sign", kDraft, "--dir", "owner", "--key", "holder-2.pem"}) == 0);
  CHECK(line.printed.find("1 of 2 signatures") != std::string::npos);
  CHECK(line.run({"owner", "publish", kDraft, "--dir", "owner"}) == 1);
}

TEST_CASE("a key that holds no role signs nothing") {
  CommandLine line;
  Documents documents(line);
  REQUIRE(line.run({"owner", "init", "--dir", "owner", "--keys", "3", "--threshold", "2"}) == 0);
  REQUIRE(line.run({"owner", "init", "--dir", "other"}) == 0);
  documents.roots = {line.files.files.at("owner/1.root.json").bytes};
  hand_out_keys(line);
  REQUIRE(line.run({"owner", "trust-policy", "set", "--dir", "owner"}) == 0);
  const auto before = line.files.text(kDraft);
  CHECK(line.run({"owner", "sign", kDraft, "--dir", "owner", "--key", "other/root-key-1.pem"}) == 5);
  CHECK(line.files.text(kDraft) == before);
}

TEST_CASE("a private key that others can read is not used") {
  CommandLine line;
  Documents documents(line);
  REQUIRE(line.run({"owner", "init", "--dir", "owner"}) == 0);
  documents.roots = {line.files.files.at("owner/1.root.json").bytes};
  line.files.files.at("owner/root-key-1.pem").access = Access::Everyone;
  CHECK(line.run({"owner", "trust-policy", "set", "--dir", "owner"}) == 5);
  CHECK_FALSE(documents.trust_policy);
}

TEST_CASE("the next root needs the keys of the root before it, and the trust policy follows under the new ones") {
  CommandLine line;
  Documents documents(line);
  REQUIRE(line.run({"owner", "init", "--dir", "owner"}) == 0);
  documents.roots = {line.files.files.at("owner/1.root.json").bytes};
  REQUIRE(line.run({"owner", "trust-policy", "set", "--dir", "owner"}) == 0);
  const auto first = tuf::verify_root_chain(documents.roots, tuf::root_digest(documents.roots.front()));
  REQUIRE(first);
  const std::string old_key = (*first)->keys.front().id;
  CHECK(line.run({"owner", "renew", "--dir", "owner", "--drop-key", std::string(64, '0')}) == 4);
  REQUIRE(line.run({"owner", "renew", "--dir", "owner", "--add-keys", "1", "--drop-key", old_key}) == 0);
  REQUIRE(line.run({"owner", "publish", "owner/2.root.draft.json", "--dir", "owner"}) == 0);
  const auto second = tuf::verify_root_chain(documents.roots, tuf::root_digest(documents.roots.front()));
  REQUIRE(second);
  CHECK((*second)->version == 2);
  CHECK((*second)->keys.front().id != old_key);
  CHECK_FALSE(documents.verified());
  REQUIRE(line.run({"owner", "trust-policy", "set", "--dir", "owner"}) == 0);
  REQUIRE(documents.verified());
  CHECK(documents.verified()->version == 2);
}

TEST_CASE("a next root that the old keys have not signed is not published") {
  CommandLine line;
  Documents documents(line);
  REQUIRE(line.run({"owner", "init", "--dir", "owner"}) == 0);
  auto key = line.files.files.extract("owner/root-key-1.pem");
  REQUIRE(line.run({"owner", "renew", "--dir", "owner", "--add-keys", "1"}) == 0);
  CHECK(line.printed.find("needs 1 of 1 signatures by keys of root 1") != std::string::npos);
  CHECK(line.run({"owner", "publish", "owner/2.root.draft.json", "--dir", "owner"}) == 1);
  CHECK(documents.roots.empty());
}

TEST_CASE("a service that shows an older trust policy than was published from here is refused") {
  CommandLine line;
  Documents documents(line);
  REQUIRE(line.run({"owner", "init", "--dir", "owner"}) == 0);
  documents.roots = {line.files.files.at("owner/1.root.json").bytes};
  REQUIRE(line.run({"owner", "trust-policy", "set", "--dir", "owner"}) == 0);
  const Blob older = *documents.trust_policy;
  REQUIRE(line.run({"owner", "trust-policy", "set", "--dir", "owner"}) == 0);
  documents.trust_policy = older;
  CHECK(line.run({"owner", "trust-policy", "set", "--dir", "owner"}) == 1);
  documents.trust_policy.reset();
  CHECK(line.run({"owner", "trust-policy", "set", "--dir", "owner"}) == 1);
}

TEST_CASE("a newer trust policy by keys that the owner has dropped is not built upon") {
  CommandLine line;
  Documents documents(line);
  REQUIRE(line.run({"owner", "init", "--dir", "owner"}) == 0);
  documents.roots = {line.files.files.at("owner/1.root.json").bytes};
  REQUIRE(line.run({"owner", "trust-policy", "set", "--dir", "owner"}) == 0);
  const auto root = tuf::verify_root_chain(documents.roots, tuf::root_digest(documents.roots.front()));
  auto stolen = line.files.files.at("owner/root-key-1.pem");
  REQUIRE(line.run({"owner", "renew", "--dir", "owner", "--add-keys", "1", "--drop-key", (*root)->keys[0].id}) == 0);
  REQUIRE(line.run({"owner", "publish", "owner/2.root.draft.json", "--dir", "owner"}) == 0);
  // The thief has the first root, its key, and the service.
  Documents thief_documents(line);
  thief_documents.roots = {documents.roots.front()};
  thief_documents.trust_policy = documents.trust_policy;
  line.files.files["thief/1.root.json"] = line.files.files.at("owner/1.root.json");
  line.files.files["thief/root-key-1.pem"] = stolen;
  REQUIRE(line.run({"owner", "trust-policy", "set", "--dir", "thief", "--service", "https://10.6.6.6:1"}) == 0);
  thief_documents.roots = documents.roots;
  CHECK(line.run({"owner", "trust-policy", "set", "--dir", "owner"}) == 1);
}

TEST_CASE("a service with another owner's roots is refused") {
  CommandLine line;
  Documents documents(line);
  REQUIRE(line.run({"owner", "init", "--dir", "owner"}) == 0);
  REQUIRE(line.run({"owner", "init", "--dir", "other"}) == 0);
  documents.roots = {line.files.files.at("other/1.root.json").bytes};
  CHECK(line.run({"owner", "trust-policy", "set", "--dir", "owner"}) == 5);
}

TEST_CASE("the CA of another service does not get into a trust policy") {
  CommandLine line;
  Documents documents(line);
  REQUIRE(line.run({"owner", "init", "--dir", "owner"}) == 0);
  documents.roots = {line.files.files.at("owner/1.root.json").bytes};
  documents.service_ca = Blob{0x30, 0x01, 0x00};
  CHECK(line.run({"owner", "trust-policy", "set", "--dir", "owner"}) == 5);
  CHECK_FALSE(documents.trust_policy);
}

/// What a service asks to have certified: the request is for the key of `number`, by the key of `signer`.
json::Value authority(std::uint8_t number, std::uint8_t signer) {
  const Blob to_be_signed = x509::request_to_be_signed(holder_key(number), "fleet", "");
  const Blob signature = *holder(signer).sign(trust::crypto::HashAlgorithm::Sha256, to_be_signed);
  return json::Object{{"number", 1}, {"request", to_base64(x509::assemble_request(to_be_signed, signature))}};
}

TEST_CASE("a CA key that the service cannot show to hold is not certified") {
  CommandLine line;
  Documents documents(line);
  REQUIRE(line.run({"owner", "init", "--dir", "owner"}) == 0);
  line.service.rows["POST /v1/catalogs"] = [&](const Request&) {
    return json::Object{{"name", "fleet"},
                        {"authorities", json::Object{{"client", authority(1, 1)}, {"update", authority(2, 3)}}}};
  };
  CHECK(line.run({"catalog", "create", "fleet", "--owner", "owner"}) == 1);
  CHECK_FALSE(line.files.files.contains("owner/fleet/update-ca-1.pem"));
}

TEST_CASE("catalog create certifies the CAs of the service under roots whose keys stay in the owner's folder") {
  CommandLine line;
  Documents documents(line);
  REQUIRE(line.run({"owner", "init", "--dir", "owner"}) == 0);
  json::Value certified;
  line.service.rows["POST /v1/catalogs"] = [&](const Request& request) {
    documents.roots = {*from_base64(*json::parse(as_bytes(request.body))->find("owner_root")->text())};
    return json::Object{{"name", "fleet"},
                        {"authorities", json::Object{{"client", authority(1, 1)}, {"update", authority(2, 2)}}}};
  };
  line.service.rows["PUT " + kBase + "/authorities"] = [&](const Request& request) {
    certified = *json::parse(as_bytes(request.body));
    return json::Object{{"state", "ready"}};
  };
  REQUIRE(line.run({"catalog", "create", "fleet", "--owner", "owner"}) == 0);
  const auto certificate = [&](std::string_view kind, std::string_view member) {
    return *x509::parse_certificate(*from_base64(*certified.find(kind)->find(member)->text()));
  };
  for (const auto which : {x509::Authority::Client, x509::Authority::Update}) {
    const std::string_view kind = which == x509::Authority::Client ? "client" : "update";
    CHECK(x509::require_issuing_ca(certificate(kind, "certificate"), certificate(kind, "root"), which, "fleet", 1,
                                   line.clock.at));
    CHECK(line.files.files.at(cat("owner/fleet/", kind, "-root-key.pem")).access == Access::OwnerOnly);
    const auto lists = x509::read_crls(line.files.text(cat("owner/fleet/", kind, "-root.crl")));
    REQUIRE(lists);
    CHECK(x509::verify_crl(lists->front(), certificate(kind, "root"), line.clock.at));
    CHECK(lists->front().next_update() == certificate(kind, "certificate").not_after());
  }
  CHECK(certificate("client", "root").public_key().spki() != certificate("update", "root").public_key().spki());
  REQUIRE(documents.verified());
  CHECK(documents.verified()->services == std::vector<std::string>{"https://127.0.0.1:8443"});
  const auto config = parse_config(line.files.files.at("config.json").bytes);
  CHECK(config->catalogs.at("fleet").owner_root == tuf::root_digest(documents.roots.front()));
}

TEST_CASE("catalog create goes on where it was cut off, and does not begin a whole catalog again") {
  CommandLine line;
  Documents documents(line);
  REQUIRE(line.run({"owner", "init", "--dir", "owner"}) == 0);
  documents.roots = {line.files.files.at("owner/1.root.json").bytes};
  line.service.answers("POST /v1/catalogs", json::Object{{"refused", 409}});
  line.service.answers("GET " + kBase, json::Object{{"name", "fleet"}, {"state", "ready"}});
  REQUIRE(line.run({"catalog", "create", "fleet", "--owner", "owner"}) == 0);
  CHECK(documents.verified());
  CHECK_FALSE(line.service.was_asked("PUT " + kBase + "/authorities"));
  CHECK(line.run({"catalog", "create", "fleet", "--owner", "owner"}) != 0);
}

TEST_CASE("TPM roots come and go with the trust policy, and nothing but a root is taken for one") {
  CommandLine line;
  Documents documents(line);
  REQUIRE(line.run({"owner", "init", "--dir", "owner"}) == 0);
  documents.roots = {line.files.files.at("owner/1.root.json").bytes};
  const auto to_be_signed = x509::service_ca_to_be_signed({.name = "maker",
                                                           .spki = holder_key(5).spki(),
                                                           .serial = x509::serial_from({}),
                                                           .not_before = line.clock.at,
                                                           .not_after = line.clock.at + days(100)});
  REQUIRE(to_be_signed);
  const Blob der =
      x509::assemble_certificate(*to_be_signed, *holder(5).sign(trust::crypto::HashAlgorithm::Sha256, *to_be_signed));
  line.files.put("maker.der", as_text(der));
  line.files.put("junk.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  CHECK(line.run({"tpm-root", "add", "maker.der", "junk.pem", "--owner", "owner"}) == 1);
  CHECK_FALSE(documents.trust_policy);
  CHECK(line.run({"tpm-root", "add", "maker.der", "--owner", "owner"}) == 0);
  CHECK(documents.verified()->tpm_roots == std::vector<Blob>{der});
  const std::string digest = to_hex(trust::crypto::sha256(der));
  CHECK(line.run({"tpm-root", "list", "--owner", "owner"}) == 0);
  CHECK(line.printed.find(digest) != std::string::npos);
  CHECK(line.run({"tpm-root", "remove", digest.substr(0, 4), "--owner", "owner"}) == 4);
  CHECK(line.run({"tpm-root", "remove", digest.substr(0, 12), "--owner", "owner"}) == 0);
  CHECK(documents.verified()->tpm_roots.empty());
  CHECK(documents.verified()->version == 2);
}

}  // namespace holdfast::cli::commands
