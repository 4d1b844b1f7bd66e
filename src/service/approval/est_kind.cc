#include "base/json/fields.h"
#include "base/text.h"
#include "service/approval/kinds.h"

namespace holdfast::service::approval {
namespace {

constexpr std::size_t kLifeBytesMax = 20;

Result<est::Settings> read(const std::string& content) {
  const json::Value value = TRY(json::parse(as_bytes(content)));
  auto fields = TRY(json::Fields::of(value, "EST settings"));
  est::Settings out;
  out.reenroll = TRY(fields.boolean("reenroll"));
  out.things = TRY(fields.boolean("things"));
  out.thing_life = TRY(parse_duration(TRY(fields.text("thing_life", kLifeBytesMax))));
  TRY(fields.done());
  return out;
}

}  // namespace

Change est_change(const est::Settings& settings) {
  const json::Value content = json::Object{
      {"reenroll", settings.reenroll}, {"things", settings.things}, {"thing_life", to_text(settings.thing_life)}};
  const auto word = [](bool on) { return on ? "on" : "off"; };
  return {ChangeKind::Est, cat("reenroll ", word(settings.reenroll), ", things ", word(settings.things)),
          json::dump(content)};
}

Result<Words> est_lets_in(const Order& order) {
  const est::Settings before = TRY(est::settings_of(order.tx, order.catalog));
  const est::Settings after = TRY(read(order.content));
  TRY(est::require_settings(after));
  Words out;
  if (after.reenroll && !before.reenroll) {
    out.emplace_back("devices have certificates issued again without new evidence, while their last appraisal holds");
  }
  if (after.things && !before.things) {
    out.emplace_back("named things without a vault get certificates, from the unattested CA");
  } else if (after.things && after.thing_life > before.thing_life) {
    out.push_back(cat("certificates of things without a vault live ", to_text(after.thing_life), ", so far ",
                      to_text(before.thing_life)));
  }
  return out;
}

Result<void> apply_est(const Order& order, const Author& author) {
  return est::set_settings(order.tx, order.catalog, TRY(read(order.content)), author.approved_by, order.now);
}

}  // namespace holdfast::service::approval
