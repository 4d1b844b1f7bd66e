#include "linux/boot/boot_files.h"

#include <fstream>

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
#include "linux/system/files.h"

namespace holdfast::linux::boot {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kEventLogName = "event_log";
constexpr std::string_view kFactsName = "facts.json";
constexpr std::size_t kComponentBytesMax = 64;
constexpr std::int64_t kNumberMax = std::int64_t{1} << 53;

/// To the end, since files of the kernel's securityfs say that their size is zero.
Result<Blob> read_to_end(const fs::path& path, std::size_t bytes_max) {
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return fail(Next::NotFound, kBootFactsMissing, "expected this boot's record, saw no " + printable(path.string()));
  Blob out(bytes_max + 1);
  in.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
  const auto size = static_cast<std::size_t>(in.gcount());
  if (in.bad())
    return fail(Next::Retry, kBootFactsMissing, "expected to read " + printable(path.string()) + ", saw an error");
  if (size > bytes_max) {
    return fail(Next::Rejected, kBootFactsMalformed,
                cat("expected at most ", bytes_max, " bytes, saw more in ", printable(path.string())));
  }
  out.resize(size);
  return out;
}

Result<ports::BootFacts> read_facts(const json::Value& value) {
  json::Fields fields = TRY(json::Fields::of(value, "boot facts"));
  ports::BootFacts facts;
  facts.boot_count = TRY(fields.integer("boot_count", 0, kNumberMax));
  for (const json::Value& item : *TRY(fields.array("running", kRunningComponentsMax))) {
    json::Fields component = TRY(json::Fields::of(item, "running component"));
    ports::RunningComponent running;
    running.component = TRY(component.text("component", kComponentBytesMax));
    running.version = TRY(component.text("version", kComponentBytesMax));
    running.security_version = TRY(component.integer("security_version", 0, kNumberMax));
    TRY(component.done());
    facts.running.push_back(std::move(running));
  }
  if (fields.has("escrow")) facts.escrow = TRY(fields.base64("escrow", kBootEscrowBytesMax));
  TRY(fields.done());
  return facts;
}

}  // namespace

Result<ports::BootFacts> parse_boot_facts(Bytes json) {
  const auto value = json::parse(json, {.bytes_max = kBootFactsBytesMax});
  auto facts = value ? read_facts(*value) : std::unexpected(value.error());
  if (!facts) return fail(Next::Corrupt, kBootFactsMalformed, std::move(facts).error().message);
  return facts;
}

std::string to_json(const ports::BootFacts& facts) {
  json::Array running;
  for (const ports::RunningComponent& component : facts.running) {
    running.push_back(json::Object{{"component", component.component},
                                   {"version", component.version},
                                   {"security_version", component.security_version}});
  }
  json::Object out{{"boot_count", facts.boot_count}, {"running", std::move(running)}};
  if (!facts.escrow.empty()) out.emplace_back("escrow", to_base64(facts.escrow));
  return json::dump_pretty(std::move(out)) + "\n";
}

BootFiles::BootFiles(fs::path event_log, fs::path facts) : event_log_(std::move(event_log)), facts_(std::move(facts)) {}

BootFiles::BootFiles(const fs::path& directory) : BootFiles(directory / kEventLogName, directory / kFactsName) {}

Result<ports::BootFacts> BootFiles::facts() {
  ports::BootFacts facts = TRY(parse_boot_facts(TRY(read_to_end(facts_, kBootFactsBytesMax))));
  facts.event_log = TRY(read_to_end(event_log_, kEventLogBytesMax));
  return facts;
}

Result<void> write_boot_files(const fs::path& directory, const ports::BootFacts& facts) {
  TRY(system::write_file(directory / kEventLogName, facts.event_log, system::FileMode::Public));
  return system::write_file(directory / kFactsName, as_bytes(to_json(facts)), system::FileMode::Public);
}

}  // namespace holdfast::linux::boot
