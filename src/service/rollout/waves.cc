#include "service/rollout/waves.h"

#include "base/json/fields.h"
#include "base/text.h"
#include "trust/crypto/hash.h"

namespace holdfast::service::rollout {
namespace {

constexpr std::string_view kPlaceLabel = "holdfast-place-v1";
constexpr std::int64_t kPlacesPerPercent = kPlaces / 100;
constexpr std::size_t kPercentBytesMax = 8;

std::unexpected<Error> malformed(std::string_view expected, std::string_view seen) {
  return fail(Next::Rejected, kWavesMalformed, cat("waves: expected ", expected, ", saw ", printable(seen, 80)));
}

std::string percent_of(std::int64_t places) {
  const std::int64_t rest = places % kPlacesPerPercent;
  std::string out = cat(places / kPlacesPerPercent);
  if (rest != 0) out += cat(".", rest / 10, rest % 10 == 0 ? "" : cat(rest % 10));
  return out;
}

bool is_digits(std::string_view text, std::size_t size_max) {
  return !text.empty() && text.size() <= size_max && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::unexpected<Error> percent_wrong(const std::string& seen) {
  return malformed("a percentage such as 0.5 or 10, above 0 and up to 100", seen);
}

/// `10`, `0.5`, `0.25`.
Result<std::int64_t> places_in(const std::string& percent) {
  const auto parts = split(percent, '.');
  const std::string_view part = parts.size() == 2 ? parts[1] : "0";
  if (parts.size() > 2 || !is_digits(parts[0], 3) || !is_digits(part, 2)) return percent_wrong(percent);
  std::int64_t places = 0;
  for (const char digit : parts[0]) places = places * 10 + (digit - '0');
  const std::int64_t tenths = part[0] - '0';
  places = places * kPlacesPerPercent + tenths * 10 + (part.size() == 2 ? part[1] - '0' : 0);
  if (places < 1 || places > kPlaces) return percent_wrong(percent);
  return places;
}

}  // namespace

std::int64_t place_of(std::string_view catalog, std::string_view device) {
  const Digest256 digest = trust::crypto::sha256(as_bytes(cat(kPlaceLabel, "/", catalog, "/", device)));
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof(number); ++i) number = number << 8 | digest[i];
  return static_cast<std::int64_t>(number % static_cast<std::uint64_t>(kPlaces));
}

Result<std::vector<Wave>> waves_from(const json::Value& value) {
  const json::Array* list = value.array();
  if (list == nullptr || list->empty() || list->size() > kWavesMax) {
    return malformed(cat("a list of 1 to ", kWavesMax), list == nullptr ? "another value" : cat(list->size()));
  }
  std::vector<Wave> out;
  for (const json::Value& one : *list) {
    auto fields = TRY(json::Fields::of(one, "wave"));
    Wave wave;
    wave.places = TRY(places_in(TRY(fields.text("percent", kPercentBytesMax))));
    wave.soak = seconds(TRY(fields.integer("soak_s", 0, std::chrono::duration_cast<seconds>(kSoakMax).count())));
    TRY(fields.done());
    if (!out.empty() && wave.places <= out.back().places) {
      return malformed("each wave to reach more devices than the one before", percent_of(wave.places));
    }
    out.push_back(wave);
  }
  if (out.back().places != kPlaces)
    return malformed("the last wave to reach 100 percent", percent_of(out.back().places));
  return out;
}

json::Value to_json(const std::vector<Wave>& waves) {
  json::Array out;
  for (const Wave& one : waves) {
    out.emplace_back(json::Object{{"percent", percent_of(one.places)},
                                  {"soak_s", std::int64_t{std::chrono::duration_cast<seconds>(one.soak).count()}}});
  }
  return out;
}

std::vector<Wave> usual_waves() {
  return {{kPlaces / 100, days(1)}, {kPlaces / 10, days(1)}, {kPlaces / 2, days(1)}, {kPlaces, days(0)}};
}

}  // namespace holdfast::service::rollout
