#include "wire/enroll.h"

#include "base/encoding.h"

namespace holdfast::wire {
namespace {

constexpr std::string_view kRequest = "enroll request";
constexpr std::string_view kChallenge = "enroll challenge";
constexpr std::string_view kProof = "enroll proof";
constexpr std::string_view kResult = "enroll result";

Result<ByteArray<kChallengeBytes>> challenge_of(json::Fields& fields) {
  return array_from_hex<kChallengeBytes>(TRY(fields.text("challenge", 2 * kChallengeBytes)));
}

}  // namespace

Result<EnrollRequest> EnrollRequest::decode(Bytes body) {
  const json::Value message = TRY(parse_message(body, kRequest));
  auto fields = TRY(fields_of(message, kRequest));
  EnrollRequest out;
  out.catalog = TRY(fields.text("catalog", kNameBytesMax));
  if (fields.has("ek_certificate")) out.ek_certificate = TRY(fields.base64("ek_certificate", kCertificateBytesMax));
  if (fields.has("ek_chain")) out.ek_chain = TRY(fields.base64s("ek_chain", kChainLengthMax, kCertificateBytesMax));
  out.ek_public = TRY(fields.base64("ek_public", kTpmStructureBytesMax));
  out.ak_public = TRY(fields.base64("ak_public", kTpmStructureBytesMax));
  if (fields.has("claim_secret")) out.claim_secret = Secret(TRY(fields.base64("claim_secret", kSecretBytesMax)));
  TRY(fields.done());
  return out;
}

Blob EnrollRequest::encode() const {
  json::Object members = {
      {"catalog", catalog}, {"ek_public", to_base64(ek_public)}, {"ak_public", to_base64(ak_public)}};
  if (ek_certificate) members.emplace_back("ek_certificate", to_base64(*ek_certificate));
  if (!ek_chain.empty()) members.emplace_back("ek_chain", base64_array(ek_chain));
  if (claim_secret) members.emplace_back("claim_secret", to_base64(claim_secret->expose()));
  return encode_message(std::move(members));
}

Result<EnrollChallenge> EnrollChallenge::decode(Bytes body) {
  const json::Value message = TRY(parse_message(body, kChallenge));
  auto fields = TRY(fields_of(message, kChallenge));
  EnrollChallenge out;
  out.challenge = TRY(challenge_of(fields));
  out.credential_blob = TRY(fields.base64("credential_blob", kTpmStructureBytesMax));
  out.encrypted_secret = TRY(fields.base64("encrypted_secret", kTpmStructureBytesMax));
  out.expires = TRY(fields.time("expires"));
  TRY(fields.done());
  return out;
}

Blob EnrollChallenge::encode() const {
  return encode_message({{"challenge", to_hex(challenge)},
                         {"credential_blob", to_base64(credential_blob)},
                         {"encrypted_secret", to_base64(encrypted_secret)},
                         {"expires", to_rfc3339(expires)}});
}

Result<EnrollProof> EnrollProof::decode(Bytes body) {
  const json::Value message = TRY(parse_message(body, kProof));
  auto fields = TRY(fields_of(message, kProof));
  EnrollProof out;
  out.challenge = TRY(challenge_of(fields));
  out.secret = Secret(TRY(fields.base64("secret", kSecretBytesMax)));
  TRY(fields.done());
  return out;
}

Blob EnrollProof::encode() const {
  return encode_message({{"challenge", to_hex(challenge)}, {"secret", to_base64(secret.expose())}});
}

Result<EnrollResult> EnrollResult::decode(Bytes body) {
  const json::Value message = TRY(parse_message(body, kResult));
  auto fields = TRY(fields_of(message, kResult));
  EnrollResult out;
  out.device = TRY(fields.text("device", kNameBytesMax));
  out.catalog = TRY(fields.text("catalog", kNameBytesMax));
  out.product = TRY(fields.text("product", kNameBytesMax));
  out.device_group = TRY(fields.text("device_group", kNameBytesMax));
  TRY(fields.done());
  return out;
}

Blob EnrollResult::encode() const {
  return encode_message(
      {{"device", device}, {"catalog", catalog}, {"product", product}, {"device_group", device_group}});
}

}  // namespace holdfast::wire
