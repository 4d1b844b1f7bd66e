#include "programs/simulation/update_story.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "delta/make/delta.h"
#include "programs/simulation/crash.h"
#include "programs/simulation/update_machine.h"
#include "trust/update/configuration.h"

namespace holdfast::programs::simulation {
namespace {

using sim::fault::Cut;
using sim::fault::PowerCut;
using wire::UpdatePhase;

constexpr Duration kTimeMax = hours(12);
constexpr Duration kQuiet = hours(3);
constexpr Duration kAway = minutes(25);

struct Story {
  std::string_view name;
  bool needs_boot = true;
  bool has_delta = false;
  bool has_verity = false;
  bool comes_up = true;
  bool is_healthy = true;
  bool loses_service = false;      ///< when the new image is first up, for a while
  bool is_settings = false;        ///< of an application
  bool crashes = false;            ///< with the new settings
  std::string_view first = "1.0";  ///< what it runs before; empty: no settings
  std::string_view failure = {};   ///< what the device says in the end; empty: it has the new image
};

constexpr std::array kStories = {
    Story{.name = "full"},
    Story{.name = "delta", .has_delta = true, .has_verity = true},
    Story{.name = "application", .needs_boot = false, .has_delta = true},
    Story{.name = "no-boot", .has_delta = true, .comes_up = false, .failure = device::update::kNoBoot},
    Story{.name = "unhealthy", .has_delta = true, .is_healthy = false, .failure = device::update::kUnhealthy},
    Story{.name = "unhealthy-application",
          .needs_boot = false,
          .is_healthy = false,
          .failure = device::update::kUnhealthy},
    Story{.name = "away", .has_delta = true, .loses_service = true},
    Story{.name = "settings", .needs_boot = false, .is_settings = true, .first = ""},
    Story{.name = "crashing-settings",
          .needs_boot = false,
          .is_settings = true,
          .crashes = true,
          .failure = device::update::kCrashLoop},
};

std::unexpected<Error> broken(std::string what) { return fail(Next::Corrupt, kUpdateBroken, std::move(what)); }

std::string text_of(const Story& story, bool torn, const std::vector<PowerCut>& cuts) {
  std::vector<std::string> parts;
  for (const PowerCut& cut : cuts) parts.push_back(cat(cut.call, cut.when == Cut::Before ? "b" : "a"));
  return cat(story.name, torn ? "/torn/" : "/whole/", join(parts, ","));
}

/// One world that plays a story again and again from where its device is enrolled and has nothing to do.
class Stage {
 public:
  Stage(const Story& story, std::uint64_t seed)
      : story_(story),
        machine_(seed, story.is_settings ? trust::update::settings_of(kApplication) : std::string(kApplication),
                 story.needs_boot, first(), story.is_settings ? std::string(kApplication) : std::string()),
        kept_(machine_.keep()) {
    wall_ = machine_.clock().wall_time();
    machine_.service().check_in_again = minutes(30);
  }

  Result<void> prepare() {
    const Blob first = machine_.image(this->first());
    const KnownImage next = this->next();
    const Blob content = story_.has_verity ? machine_.image(next, kVerityImageBytes) : machine_.image(next);
    std::vector<sim::service::ScriptedReleases::Delta> deltas;
    if (story_.has_delta) {
      Blob delta = TRY(delta::make::make_delta(first, content));
      deltas.push_back({first, std::move(delta)});
    }
    if (!first.empty()) machine_.release(this->first(), first, {});
    if (story_.has_verity) verity_ = TRY(trust::update::make_verity(content, kVerityFrom, {}));
    path_ = machine_.release(next, content, deltas, [&](trust::update::Image& image) {
      if (verity_) image.verity = verity_->verity;
    });
    return {};
  }

  struct Played {
    std::int64_t calls = 0;
    std::vector<PowerCut> moments;
  };
  Result<Played> play(bool torn, const std::vector<PowerCut>& cuts) {
    machine_.put_back(kept_, wall_);
    machine_.tears_writes = torn;
    away_until_.reset();
    machine_.direct({path_});
    const std::int64_t base = machine_.faults().calls();
    std::vector<PowerCut> schedule = cuts;
    for (PowerCut& cut : schedule) cut.call += base;
    machine_.faults().schedule(std::move(schedule));
    TRY(run([&] { return is_finished(); }, kTimeMax));
    if (!is_finished()) return fail_within("the device did not finish", what_it_says());
    Played out{machine_.faults().calls() - base, machine_.faults().moments()};
    for (PowerCut& moment : out.moments) moment.call -= base;
    machine_.faults().schedule({});
    const int starts = machine_.slots().starts(machine_.component());
    TRY(run([] { return false; }, kQuiet));
    if (machine_.slots().starts(machine_.component()) != starts || !is_finished()) {
      return broken("expected a device that is done to stay as it is, saw it change");
    }
    TRY(require_floor());
    return out;
  }

 private:
  static constexpr std::string_view kApplication{"main"};
  static constexpr std::size_t kVerityImageBytes = 66 * trust::update::kVerityBlockBytes;
  static constexpr std::int64_t kVerityFrom = 2 * trust::update::kVerityBlockBytes;

  KnownImage first() const {
    return {.version = std::string(story_.first), .security_version = story_.first.empty() ? 0 : 1};
  }
  KnownImage next() const {
    return {.version = "2.0",
            .security_version = 2,
            .comes_up = story_.comes_up,
            .is_healthy = story_.is_healthy,
            .crashes = story_.crashes};
  }

  template <class Done>
  Result<void> run(Done done, Duration time) {
    const Instant end = machine_.clock().now() + time;
    for (int steps = 0; machine_.clock().now() < end && !done(); ++steps) {
      if (steps == kStepsMax) return fail_within("the device is never done", what_it_says());
      set_weather();
      TRY(machine_.step(minutes(30)));
      TRY(check());
    }
    return {};
  }

  void set_weather() {
    const KnownImage* runs = machine_.running();
    const bool is_new = runs != nullptr && runs->version == "2.0";
    if (story_.loses_service && is_new && !away_until_) away_until_ = machine_.clock().now() + kAway;
    machine_.service_is_away = away_until_ && machine_.clock().now() < *away_until_;
  }

  Error what_it_says() {
    const auto& trouble = machine_.agent().records().get<device::record::Trouble>();
    const auto& said = machine_.service().last_check_in();
    std::string states;
    for (const auto& one : said.updates) states += cat(" ", wire::name_of(one.phase), " ", one.reason);
    return {Next::Corrupt, kStoryNotFinished,
            cat("it runs ", machine_.running()->version, " under director ", said.director, " of ",
                machine_.service().releases().director_version(machine_.device()), ", says", states,
                ", in trouble: ", trouble ? trouble->message : "none")};
  }

  /// As the service heard it last.
  bool is_finished() {
    const auto& said = machine_.service().last_check_in();
    if (said.director != machine_.service().releases().director_version(machine_.device())) return false;
    if (story_.failure.empty()) return said.updates.empty() && machine_.running()->version == "2.0";
    const bool is_back = machine_.running()->version == story_.first;
    return is_back && said.updates.size() == 1 && said.updates[0].phase == UpdatePhase::Failed;
  }

  /// In the end: at the lowest that can be started, which the other place holds where it holds anything. Of settings
  /// that came with the device it knows nothing.
  Result<void> require_floor() {
    const bool is_known = !story_.is_settings || story_.failure.empty();
    const std::int64_t runs = machine_.running()->security_version;
    const std::int64_t expected = !is_known ? 0 : story_.first.empty() ? runs : 1;
    const std::int64_t seen = machine_.floor().of(machine_.component());
    if (seen == expected) return {};
    return broken(cat("expected its floor at ", expected, " in the end, saw it at ", seen));
  }

  /// Behind what runs, as a kernel would look for it.
  Result<void> require_tree() {
    const ports::Slot slot = TRY(machine_.slots().facts(machine_.component())).running;
    const std::int64_t at = std::ssize(machine_.slots().running(machine_.component()));
    if (TRY(machine_.slots().read(machine_.component(), slot, at, verity_->tree.size())) == verity_->tree) return {};
    return broken("it runs an image without its verity tree");
  }

  Result<void> check() {
    const KnownImage* runs = machine_.running();
    if (verity_ && runs != nullptr && runs->version == "2.0") TRY(require_tree());
    if (machine_.slots().is_lost()) return broken("a confirmed place does not come up");
    if (runs == nullptr) return broken("what runs is no image that was released");
    if (!story_.first.empty() && machine_.floor().of(machine_.component()) > 1) {
      // The first image is in the other place, which a fall back may start.
      return broken(cat("the floor is above a place that can be started"));
    }
    if (runs->security_version < machine_.floor().of(machine_.component())) return broken("it runs below its floor");
    return check_what_was_said();
  }

  Result<void> check_what_was_said() {
    const auto& said = machine_.service().last_check_in();
    if (said.director == 0 || said.director != machine_.service().releases().director_version(machine_.device())) {
      return {};
    }
    const auto running = std::ranges::find(said.running, machine_.component(), &wire::Running::component);
    const bool is_said = running != said.running.end();
    // Nobody knows the version of settings that came with the device.
    if (!is_said && !story_.is_settings) return broken("it does not say what it runs");
    const bool is_new = is_said && running->version == "2.0";
    if (said.updates.empty() && !is_new) return broken("it claims a success that is none");
    for (const auto& one : said.updates) {
      if (one.phase != UpdatePhase::Failed) continue;
      if (story_.failure.empty()) return broken(cat("it blames a good image: ", one.reason));
      const bool is_right = one.reason == story_.failure || one.reason == device::update::kTrialEnded;
      if (!is_right) return broken(cat("it gives the reason ", one.reason));
    }
    return {};
  }

  static constexpr int kStepsMax = 3000;

  const Story& story_;
  UpdateMachine machine_;
  UpdateMachine::Kept kept_;
  WallTime wall_;
  std::string path_;
  std::optional<trust::update::MadeVerity> verity_;
  std::optional<Instant> away_until_;
};

class Enumeration {
 public:
  Enumeration(const Story& story, const UpdateCrashes& crashes)
      : story_(story), crashes_(crashes), stage_(story, crashes.seed) {}

  Result<UpdateCrashReport> run() {
    TRY(stage_.prepare());
    report_.story = story_.name;
    const Stage::Played uncut = TRY(stage_.play(true, {}));
    report_.calls = uncut.calls;
    for (const bool torn : {true, false}) {
      for (const PowerCut& first : cuts_from(0, report_.calls)) {
        TRY(play(torn, {first}));
        if (crashes_.pairs != Pairs::Neighbours) continue;
        const std::int64_t end = std::min(first.call + 2, report_.calls);
        for (const PowerCut& second : cuts_from(first.call + 1, end)) TRY(play(torn, {first, second}));
      }
      if (crashes_.pairs == Pairs::All) TRY(play_pairs(torn, uncut.moments));
    }
    return report_;
  }

 private:
  static std::vector<PowerCut> cuts_from(std::int64_t begin, std::int64_t end) {
    std::vector<PowerCut> out;
    for (std::int64_t call = begin; call < end; ++call) {
      out.push_back({call, Cut::Before});
      out.push_back({call, Cut::After});
    }
    return out;
  }

  /// The second cut anywhere until the device that came back from the first one is done.
  Result<void> play_pairs(bool torn, const std::vector<PowerCut>& firsts) {
    for (const PowerCut& first : firsts) {
      if (!is_ours()) continue;
      for (const PowerCut& second : TRY(played(torn, {first})).moments) {
        if (second.call > first.call) TRY(played(torn, {first, second}));
      }
    }
    return {};
  }

  bool is_ours() { return number_++ % crashes_.parts == crashes_.part; }

  Result<void> play(bool torn, const std::vector<PowerCut>& cuts) {
    if (is_ours()) TRY(played(torn, cuts));
    return {};
  }

  Result<Stage::Played> played(bool torn, const std::vector<PowerCut>& cuts) {
    ++report_.schedules;
    auto done = stage_.play(torn, cuts);
    if (done) return done;
    return fail_within(
        cat("repeat with: sim crash update --seed ", crashes_.seed, " --schedule ", text_of(story_, torn, cuts)),
        done.error());
  }

  const Story& story_;
  const UpdateCrashes& crashes_;
  Stage stage_;
  UpdateCrashReport report_;
  std::int64_t number_ = 0;
};

Result<std::vector<PowerCut>> cuts_from(std::string_view text) {
  std::vector<PowerCut> out;
  if (text.empty()) return out;
  for (const std::string_view part : split(text, ',')) {
    PowerCut cut;
    const std::string_view number = part.substr(0, part.empty() ? 0 : part.size() - 1);
    const auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), cut.call);
    const bool is_number = problem == std::errc() && end == number.data() + number.size();
    if (part.size() < 2 || !is_number || (part.back() != 'a' && part.back() != 'b')) {
      return fail(Next::Rejected, kStoryUnknown, cat("expected cuts such as 12b,20a, saw '", printable(text), "'"));
    }
    cut.when = part.back() == 'a' ? Cut::After : Cut::Before;
    out.push_back(cut);
  }
  return out;
}

}  // namespace

Result<std::vector<UpdateCrashReport>> run_update_crashes(const UpdateCrashes& crashes) {
  std::vector<UpdateCrashReport> out;
  for (const Story& story : kStories) out.push_back(TRY(Enumeration(story, crashes).run()));
  return out;
}

Result<void> run_one_update_crash(std::uint64_t seed, std::string_view schedule) {
  const auto parts = split(schedule, '/');
  const auto* const story = parts.size() == 3 ? std::ranges::find(kStories, parts[0], &Story::name) : kStories.end();
  if (story == kStories.end() || (parts[1] != "torn" && parts[1] != "whole")) {
    return fail(Next::Rejected, kStoryUnknown,
                cat("expected a schedule such as delta/torn/12b,20a, saw '", printable(schedule), "'"));
  }
  const auto cuts = TRY(cuts_from(parts[2]));
  Stage stage(*story, seed);
  TRY(stage.prepare());
  TRY(stage.play(parts[1] == "torn", cuts));
  return {};
}

}  // namespace holdfast::programs::simulation
