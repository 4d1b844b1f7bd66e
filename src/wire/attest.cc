#include "wire/attest.h"

#include "base/encoding.h"

namespace holdfast::wire {
namespace {

constexpr std::string_view kChallengeRequest = "attest challenge request";
constexpr std::string_view kChallenge = "attest challenge";
constexpr std::string_view kRequest = "attest request";
constexpr std::string_view kBody = "attest body";

Result<ByteArray<kNonceBytes>> nonce_of(json::Fields& fields) {
  return array_from_hex<kNonceBytes>(TRY(fields.text("nonce", 2 * kNonceBytes)));
}

Result<CertifiedKey> certified_key(json::Fields fields) {
  CertifiedKey out;
  out.public_area = TRY(fields.base64("public", kTpmStructureBytesMax));
  out.attest = TRY(fields.base64("attest", kTpmStructureBytesMax));
  out.signature = TRY(fields.base64("signature", kTpmStructureBytesMax));
  TRY(fields.done());
  return out;
}

json::Value to_json(const CertifiedKey& key) {
  return json::Object{{"public", to_base64(key.public_area)},
                      {"attest", to_base64(key.attest)},
                      {"signature", to_base64(key.signature)}};
}

Result<Running> running_of(const json::Value& value) {
  auto fields = TRY(json::Fields::of(value, "running"));
  Running out;
  out.component = TRY(fields.text("component", kNameBytesMax));
  out.version = TRY(fields.text("version", kNameBytesMax));
  out.security_version = TRY(fields.integer("security_version", 0, INT64_MAX));
  TRY(fields.done());
  return out;
}

Result<std::vector<LaidFloor>> floors_of(json::Fields& fields) {
  std::vector<LaidFloor> out;
  if (!fields.has("floors")) return out;
  for (const json::Value& one : *TRY(fields.array("floors", kRunningMax))) {
    auto members = TRY(json::Fields::of(one, "floor"));
    LaidFloor floor;
    floor.component = TRY(members.text("component", kNameBytesMax));
    floor.security_version = TRY(members.integer("security_version", 1, INT64_MAX));
    TRY(members.done());
    out.push_back(std::move(floor));
  }
  return out;
}

json::Value to_json(const std::vector<LaidFloor>& floors) {
  json::Array out;
  for (const LaidFloor& one : floors) {
    out.emplace_back(json::Object{{"component", one.component}, {"security_version", one.security_version}});
  }
  return out;
}

}  // namespace

Result<std::vector<Running>> decode_running(json::Fields& fields, std::string_view member) {
  std::vector<Running> out;
  for (const json::Value& one : *TRY(fields.array(member, kRunningMax))) out.push_back(TRY(running_of(one)));
  return out;
}

json::Value encode_running(const std::vector<Running>& running) {
  json::Array components;
  for (const Running& one : running) {
    components.emplace_back(json::Object{
        {"component", one.component}, {"version", one.version}, {"security_version", one.security_version}});
  }
  return components;
}

Result<AttestChallengeRequest> AttestChallengeRequest::decode(Bytes body) {
  const json::Value message = TRY(parse_message(body, kChallengeRequest));
  auto fields = TRY(fields_of(message, kChallengeRequest));
  AttestChallengeRequest out;
  out.catalog = TRY(fields.text("catalog", kNameBytesMax));
  out.device = TRY(fields.text("device", kNameBytesMax));
  TRY(fields.done());
  return out;
}

Blob AttestChallengeRequest::encode() const { return encode_message({{"catalog", catalog}, {"device", device}}); }

Result<AttestChallenge> AttestChallenge::decode(Bytes body) {
  const json::Value message = TRY(parse_message(body, kChallenge));
  auto fields = TRY(fields_of(message, kChallenge));
  AttestChallenge out;
  out.nonce = TRY(nonce_of(fields));
  out.expires = TRY(fields.time("expires"));
  TRY(fields.done());
  return out;
}

Blob AttestChallenge::encode() const {
  return encode_message({{"nonce", to_hex(nonce)}, {"expires", to_rfc3339(expires)}});
}

Result<AttestBody> AttestBody::decode(Bytes body) {
  const json::Value message = TRY(parse_message(body, kBody));
  auto fields = TRY(fields_of(message, kBody));
  AttestBody out;
  out.event_log = TRY(fields.base64("event_log", kEventLogBytesMax));
  out.client_request = TRY(fields.base64("client_request", kRequestBytesMax));
  out.update_request = TRY(fields.base64("update_request", kRequestBytesMax));
  out.boot_count = TRY(fields.integer("boot_count", 0, INT64_MAX));
  out.running = TRY(decode_running(fields));
  if (fields.has("started")) out.started = TRY(decode_running(fields, "started"));
  out.floors = TRY(floors_of(fields));
  if (fields.has("escrow")) out.escrow = TRY(fields.base64("escrow", kEscrowBytesMax));
  TRY(fields.done());
  return out;
}

Blob AttestBody::encode() const {
  json::Object members = {{"event_log", to_base64(event_log)},
                          {"client_request", to_base64(client_request)},
                          {"update_request", to_base64(update_request)},
                          {"boot_count", boot_count},
                          {"running", encode_running(running)}};
  if (!started.empty()) members.emplace_back("started", encode_running(started));
  if (!floors.empty()) members.emplace_back("floors", to_json(floors));
  if (!escrow.empty()) members.emplace_back("escrow", to_base64(escrow));
  return encode_message(std::move(members));
}

Result<AttestRequest> AttestRequest::decode(Bytes body_of_http) {
  const json::Value message = TRY(parse_message(body_of_http, kRequest));
  auto fields = TRY(fields_of(message, kRequest));
  AttestRequest out;
  out.catalog = TRY(fields.text("catalog", kNameBytesMax));
  out.device = TRY(fields.text("device", kNameBytesMax));
  out.nonce = TRY(nonce_of(fields));
  out.quote = TRY(fields.base64("quote", kTpmStructureBytesMax));
  out.quote_signature = TRY(fields.base64("quote_signature", kTpmStructureBytesMax));
  for (const std::string& value : TRY(fields.texts("pcr_values", kPcrsQuoted, 64))) {
    out.pcr_values.push_back(TRY(array_from_hex<32>(value)));
  }
  out.client_key = TRY(certified_key(TRY(fields.object("client_key"))));
  out.update_key = TRY(certified_key(TRY(fields.object("update_key"))));
  out.body = TRY(fields.base64("body", kMessageBytesMax));
  TRY(fields.done());
  return out;
}

Blob AttestRequest::encode() const {
  json::Array values;
  for (const Digest256& value : pcr_values) values.emplace_back(to_hex(value));
  return encode_message({{"catalog", catalog},
                         {"device", device},
                         {"nonce", to_hex(nonce)},
                         {"quote", to_base64(quote)},
                         {"quote_signature", to_base64(quote_signature)},
                         {"pcr_values", std::move(values)},
                         {"client_key", to_json(client_key)},
                         {"update_key", to_json(update_key)},
                         {"body", to_base64(body)}});
}

}  // namespace holdfast::wire
