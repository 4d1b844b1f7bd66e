#include "base/encoding.h"
#include "base/text.h"
#include "cli/commands/call.h"
#include "cli/commands/holdfast.h"
#include "trust/eventlog/log.h"

namespace holdfast::cli::commands {
namespace {

namespace eventlog = trust::eventlog;
namespace crypto = trust::crypto;

constexpr int kRefused = 2;

struct Bank {
  crypto::HashAlgorithm algorithm;
  eventlog::Replay replay;
};

Result<std::vector<Bank>> replayed(const eventlog::Log& log) {
  std::vector<Bank> out;
  for (const crypto::HashAlgorithm algorithm : log.algorithms) {
    const eventlog::Replay replay = TRY(eventlog::replay(log, algorithm));
    out.push_back({algorithm, replay});
  }
  return out;
}

bool is_extended(const Bank& bank, unsigned pcr) { return (bank.replay.extended >> pcr & 1u) != 0; }

json::Value to_json(const eventlog::Event& event) {
  json::Object digests;
  for (const eventlog::EventDigest& digest : event.digests) {
    digests.emplace_back(name_of(digest.algorithm), to_hex(digest.value));
  }
  return json::Object{{"index", static_cast<std::int64_t>(event.index)},
                      {"offset", static_cast<std::int64_t>(event.offset)},
                      {"pcr", static_cast<std::int64_t>(event.pcr)},
                      {"type", eventlog::type_name(event.type)},
                      {"extends", eventlog::extends(event)},
                      {"digests", std::move(digests)},
                      {"data_bytes", static_cast<std::int64_t>(event.data.size())},
                      {"description", eventlog::describe(event)}};
}

json::Value to_json(const eventlog::Log& log, const std::vector<Bank>& banks) {
  json::Array events;
  for (const eventlog::Event& event : log.events) events.push_back(to_json(event));
  json::Object pcrs;
  for (const Bank& bank : banks) {
    json::Object values;
    for (unsigned pcr = 0; pcr < eventlog::kPcrCount; ++pcr) {
      if (is_extended(bank, pcr)) values.emplace_back(std::to_string(pcr), to_hex(bank.replay.pcrs[pcr]));
    }
    pcrs.emplace_back(name_of(bank.algorithm), std::move(values));
  }
  json::Object out{{"format", name_of(log.format)}};
  if (log.startup_locality) out.emplace_back("startup_locality", static_cast<std::int64_t>(*log.startup_locality));
  out.emplace_back("events", std::move(events));
  out.emplace_back("pcrs", std::move(pcrs));
  return out;
}

/// The strongest digest of an event, shortened for a column.
std::string digest_in_words(const eventlog::Event& event) {
  constexpr std::size_t kShownBytes = 8;
  if (event.digests.empty()) return {};
  const Bytes digest = event.digests.back().value;
  return to_hex(digest.first(std::min(digest.size(), kShownBytes))) + "…";
}

void print_tables(World& world, const eventlog::Log& log, const std::vector<Bank>& banks) {
  world.print(cat("Format: ", name_of(log.format), ", ", log.events.size(), " events\n\n"));
  Table events({"EVENT", "PCR", "DIGEST", "WHAT"});
  for (const eventlog::Event& event : log.events) {
    events.add(
        {std::to_string(event.index), std::to_string(event.pcr), digest_in_words(event), eventlog::describe(event)});
  }
  world.print(events.text());
  for (const Bank& bank : banks) {
    world.print(cat("\nPCRs after replay, ", name_of(bank.algorithm), ":\n"));
    Table pcrs({"PCR", "VALUE"});
    for (unsigned pcr = 0; pcr < eventlog::kPcrCount; ++pcr) {
      if (is_extended(bank, pcr)) pcrs.add({std::to_string(pcr), to_hex(bank.replay.pcrs[pcr])});
    }
    world.print(pcrs.text());
  }
}

Result<void> print_log(World& world, const Arguments& arguments) {
  const Blob bytes = TRY(world.files.read(arguments.text("FILE"), eventlog::kLogBytesMax));
  const eventlog::Log log = TRY(eventlog::parse(bytes));
  const std::vector<Bank> banks = TRY(replayed(log));
  if (arguments.has("--json")) {
    world.print(json::dump_pretty(to_json(log, banks)) + "\n");
  } else {
    print_tables(world, log, banks);
  }
  return {};
}

}  // namespace

std::vector<Command> event_log(World& world) {
  Command command =
      offline(world,
              {.path = "eventlog",
               .summary = "print a TCG event log and the PCRs that it replays to; exit 0: parsed, 2: refused",
               .options = {{.name = "FILE", .value = "FILE", .help = "as the firmware left it", .required = true},
                           {.name = "--json", .value = "", .help = "as JSON"}},
               .examples = "  holdfast eventlog /sys/kernel/security/tpm0/binary_bios_measurements",
               .run = {}},
              print_log);
  command.exit_when_failed = kRefused;
  return {std::move(command)};
}

}  // namespace holdfast::cli::commands
