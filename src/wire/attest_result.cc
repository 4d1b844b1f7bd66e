#include "base/encoding.h"
#include "wire/attest.h"

namespace holdfast::wire {
namespace {

constexpr std::string_view kResult = "attest result";
constexpr std::size_t kWordBytesMax = 64;

Result<AttestFinding> finding_of(const json::Value& value) {
  auto fields = TRY(json::Fields::of(value, "finding"));
  AttestFinding out;
  out.check = TRY(fields.text("check", kWordBytesMax));
  out.passed = TRY(fields.boolean("passed"));
  out.verdict = TRY(fields.text("verdict", kWordBytesMax));
  out.expected = TRY(fields.text("expected", kFindingTextBytesMax));
  out.seen = TRY(fields.text("seen", kFindingTextBytesMax));
  TRY(fields.done());
  return out;
}

json::Value to_json(const AttestFinding& finding) {
  return json::Object{{"check", finding.check},
                      {"passed", finding.passed},
                      {"verdict", finding.verdict},
                      {"expected", finding.expected.substr(0, kFindingTextBytesMax)},
                      {"seen", finding.seen.substr(0, kFindingTextBytesMax)}};
}

Result<std::optional<IssuedCertificate>> issued_of(json::Fields& fields, std::string_view name) {
  if (!fields.has(name)) {
    fields.ignore(name);
    return std::optional<IssuedCertificate>();
  }
  auto members = TRY(fields.object(name));
  IssuedCertificate out;
  out.certificate = TRY(members.base64("certificate", kCertificateBytesMax));
  out.issuer = TRY(members.base64("issuer", kCertificateBytesMax));
  TRY(members.done());
  return std::optional<IssuedCertificate>(std::move(out));
}

json::Value to_json(const std::optional<IssuedCertificate>& issued) {
  if (!issued) return {};
  return json::Object{{"certificate", to_base64(issued->certificate)}, {"issuer", to_base64(issued->issuer)}};
}

}  // namespace

Result<AttestResult> AttestResult::decode(Bytes body) {
  const json::Value message = TRY(parse_message(body, kResult));
  auto fields = TRY(fields_of(message, kResult));
  AttestResult out;
  out.verdict = TRY(fields.text("verdict", kWordBytesMax));
  for (const json::Value& one : *TRY(fields.array("findings", kFindingsMax))) {
    out.findings.push_back(TRY(finding_of(one)));
  }
  out.client_certificate = TRY(issued_of(fields, "client_certificate"));
  out.update_certificate = TRY(issued_of(fields, "update_certificate"));
  TRY(fields.done());
  return out;
}

Blob AttestResult::encode() const {
  json::Array list;
  for (const AttestFinding& finding : findings) list.push_back(to_json(finding));
  return encode_message({{"verdict", verdict},
                         {"findings", std::move(list)},
                         {"client_certificate", to_json(client_certificate)},
                         {"update_certificate", to_json(update_certificate)}});
}

}  // namespace holdfast::wire
