#include "device/status/status.h"

#include "base/text.h"
#include "trust/x509/certificate.h"

namespace holdfast::device::status {
namespace {

json::Value to_json(const std::optional<wire::IssuedCertificate>& issued) {
  if (!issued) return {};
  const auto certificate = trust::x509::parse_certificate(issued->certificate);
  if (!certificate) return {};
  return json::Object{{"not_before", to_rfc3339(certificate->not_before())},
                      {"not_after", to_rfc3339(certificate->not_after())}};
}

json::Value to_json(const std::vector<wire::AttestFinding>& findings) {
  json::Array out;
  for (const auto& finding : findings) {
    out.push_back(json::Object{{"check", printable(finding.check)},
                               {"verdict", printable(finding.verdict)},
                               {"expected", printable(finding.expected)},
                               {"seen", printable(finding.seen)}});
  }
  return out;
}

std::string text_of(const json::Value& value) {
  if (const std::string* text = value.text()) return *text;
  if (const std::int64_t* number = value.integer()) return cat(*number);
  std::string line;
  if (const json::Object* members = value.object()) {
    for (const auto& [name, member] : *members) line += cat(line.empty() ? "" : ", ", name, ' ', text_of(member));
  }
  return line.empty() ? "none" : line;
}

}  // namespace

std::string_view name_of(Phase phase) {
  switch (phase) {
    case Phase::Unclaimed: return "unclaimed";
    case Phase::Claiming: return "claiming";
    case Phase::Enrolled: return "enrolled";
    case Phase::Attested: return "attested";
  }
  return "unknown";
}

Phase phase_of(const record::Records& records) {
  if (records.get<record::Identity>() && records.get<record::AttestationKey>()) {
    return records.get<record::Attested>() ? Phase::Attested : Phase::Enrolled;
  }
  const bool is_claimed = records.get<record::Owner>() || records.get<record::Ticket>();
  return is_claimed ? Phase::Claiming : Phase::Unclaimed;
}

json::Value to_json(const record::Records& records) {
  json::Value out = json::Object{{"phase", name_of(phase_of(records))}};
  if (const auto& owner = records.get<record::Owner>()) {
    out.set("catalog", printable(owner->catalog));
    out.set("trust_policy", owner->trust_policy.version);
  }
  if (const auto& identity = records.get<record::Identity>()) {
    out.set("device", printable(identity->device));
    out.set("product", printable(identity->product));
    out.set("device_group", printable(identity->device_group));
  }
  if (const auto& attested = records.get<record::Attested>()) {
    out.set("verdict", printable(attested->result.verdict));
    out.set("attested_at", to_rfc3339(attested->wall));
    out.set("attested_boot", attested->boot_count);
    out.set("client_certificate", to_json(attested->result.client_certificate));
    out.set("update_certificate", to_json(attested->result.update_certificate));
    out.set("findings", to_json(attested->result.findings));
  }
  if (const auto& trouble = records.get<record::Trouble>()) {
    out.set("trouble", json::Object{{"activity", printable(trouble->activity)},
                                    {"reason", printable(trouble->reason)},
                                    {"message", printable(trouble->message, record::kTroubleBytesMax)},
                                    {"since", to_rfc3339(trouble->since)}});
  }
  return out;
}

std::string to_text(const record::Records& records) {
  const json::Value all = to_json(records);
  std::string out;
  for (const auto& [name, value] : *all.object()) {
    const json::Array* list = value.array();
    if (list == nullptr) {
      out += cat(name, ": ", text_of(value), '\n');
    } else {
      for (const json::Value& one : *list) out += cat("finding: ", text_of(one), '\n');
    }
  }
  return out;
}

}  // namespace holdfast::device::status
