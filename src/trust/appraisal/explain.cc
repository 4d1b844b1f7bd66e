#include "trust/appraisal/explain.h"

#include "base/json/fields.h"
#include "base/text.h"

namespace holdfast::trust::appraisal {
namespace {

constexpr std::size_t kFindingsMax = 512;
constexpr std::size_t kFindingTextBytesMax = 4096;
constexpr std::size_t kWordBytesMax = 64;
constexpr std::int64_t kEventIndexMax = 1'000'000;

std::string words_for(const Finding& finding) {
  const CheckRow& row = row_of(finding.check);
  std::string out = cat("  ", name_of(finding.outcome), "  ", row.name);
  if (finding.outcome == Outcome::Failed) out += cat(" → ", name_of(finding.verdict));
  if (finding.pcr) out += cat(", PCR ", *finding.pcr);
  if (finding.event_index) out += cat(", event ", *finding.event_index);
  return cat(out, "\n      expected: ", printable(finding.expected, kFindingTextBytesMax),
             "\n      saw: ", printable(finding.seen, kFindingTextBytesMax), "\n");
}

json::Value to_json(const Finding& finding) {
  json::Object out{{"check", name_of(finding.check)},
                   {"outcome", name_of(finding.outcome)},
                   {"verdict", name_of(finding.verdict)},
                   {"expected", finding.expected},
                   {"seen", finding.seen}};
  if (finding.pcr) out.emplace_back("pcr", static_cast<std::int64_t>(*finding.pcr));
  if (finding.event_index) out.emplace_back("event", static_cast<std::int64_t>(*finding.event_index));
  return out;
}

json::Value to_json(const MatchedImage& image) {
  return json::Object{{"component", image.component},
                      {"version", image.version},
                      {"security_version", image.security_version},
                      {"source", name_of(image.source)}};
}

/// The one of `all` that has this name.
template <class T>
Result<T> named(std::string_view name, std::initializer_list<T> all) {
  for (const T one : all) {
    if (name_of(one) == name) return one;
  }
  return fail(Next::Corrupt, kAppraisalMalformed, cat("expected a stored appraisal's word, saw ", printable(name)));
}

Result<Finding> finding_from(const json::Value& value) {
  auto fields = TRY(json::Fields::of(value, "finding"));
  Finding out{};
  out.check = TRY(check_from(TRY(fields.text("check", kWordBytesMax))));
  out.outcome =
      TRY(named(TRY(fields.text("outcome", kWordBytesMax)), {Outcome::Passed, Outcome::Failed, Outcome::NotJudged}));
  out.verdict = TRY(verdict_from(TRY(fields.text("verdict", kWordBytesMax))));
  out.expected = TRY(fields.text("expected", kFindingTextBytesMax));
  out.seen = TRY(fields.text("seen", kFindingTextBytesMax));
  if (fields.has("pcr")) out.pcr = static_cast<unsigned>(TRY(fields.integer("pcr", 0, kPcrsQuoted - 1)));
  if (fields.has("event")) out.event_index = static_cast<std::size_t>(TRY(fields.integer("event", 0, kEventIndexMax)));
  TRY(fields.done());
  return out;
}

Result<MatchedImage> image_from(const json::Value& value) {
  auto fields = TRY(json::Fields::of(value, "image"));
  MatchedImage out;
  out.component = TRY(fields.text("component", kComponentBytesMax));
  out.version = TRY(fields.text("version", kComponentVersionBytesMax));
  out.security_version = TRY(fields.integer("security_version", 0, kSecurityVersionMax));
  out.source =
      TRY(named(TRY(fields.text("source", kWordBytesMax)), {ReferenceSource::Image, ReferenceSource::Baseline}));
  TRY(fields.done());
  return out;
}

}  // namespace

std::string explain(const Appraisal& appraisal) {
  std::string out = cat("Verdict: ", name_of(appraisal.verdict), "\n");
  for (const bool failed : {true, false}) {
    for (const Finding& finding : appraisal.findings) {
      if ((finding.outcome == Outcome::Failed) == failed) out += words_for(finding);
    }
  }
  return out + "A quote says what started, not what has happened since.\n";
}

json::Value to_json(const Appraisal& appraisal) {
  json::Array findings;
  for (const Finding& finding : appraisal.findings) findings.push_back(to_json(finding));
  json::Array images;
  for (const MatchedImage& image : appraisal.images) images.push_back(to_json(image));
  return json::Object{
      {"verdict", name_of(appraisal.verdict)}, {"findings", std::move(findings)}, {"images", std::move(images)}};
}

Result<Appraisal> appraisal_from(const json::Value& value) {
  auto fields = TRY(json::Fields::of(value, "appraisal"));
  Appraisal out;
  out.verdict = TRY(verdict_from(TRY(fields.text("verdict", kWordBytesMax))));
  for (const json::Value& one : *TRY(fields.array("findings", kFindingsMax))) {
    out.findings.push_back(TRY(finding_from(one)));
  }
  for (const json::Value& one : *TRY(fields.array("images", kFindingsMax))) {
    out.images.push_back(TRY(image_from(one)));
  }
  TRY(fields.done());
  return out;
}

}  // namespace holdfast::trust::appraisal
