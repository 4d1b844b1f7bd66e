// The world of `holdfast` in memory: files with their access, a service that answers from a table, a clock that stands,
// and what was printed.
#pragma once

#include <algorithm>
#include <map>

#include "base/json/value.h"
#include "base/text.h"
#include "cli/commands/holdfast.h"
#include "cli/session/config.h"
#include "sim/random/seeded_random.h"

namespace holdfast::test {

inline constexpr Reason kLost{"lost"};
inline constexpr Reason kNoSuchFile{"no-such-file"};
inline constexpr Reason kFileThere{"file-there"};
inline constexpr Reason kFileOpenToOthers{"file-open-to-others"};

class MemoryFiles final : public cli::Files {
 public:
  struct File {
    Blob bytes;
    cli::Access access;
  };

  Result<Blob> read(const std::string& path, std::size_t bytes_max) override {
    const auto found = files.find(path);
    if (found == files.end()) return fail(Next::NotFound, kNoSuchFile, cat("there is no ", path));
    if (found->second.bytes.size() > bytes_max) return fail(Next::Rejected, kNoSuchFile, cat("too large: ", path));
    return found->second.bytes;
  }
  Result<Secret> read_private(const std::string& path, std::size_t bytes_max) override {
    Blob bytes = TRY(read(path, bytes_max));
    if (files.at(path).access != cli::Access::OwnerOnly) {
      return fail(Next::Denied, kFileOpenToOthers, cat("open to others: ", path));
    }
    return Secret(std::move(bytes));
  }
  Result<void> write(const std::string& path, Bytes bytes, cli::Access access) override {
    files[path] = {to_blob(bytes), access};
    return {};
  }
  Result<void> create(const std::string& path, Bytes bytes, cli::Access access) override {
    if (files.contains(path)) return fail(Next::Conflict, kFileThere, cat("there is a ", path));
    return write(path, bytes, access);
  }
  Result<void> make_private_folder(const std::string&) override { return {}; }
  Result<void> make_folder(const std::string&) override { return {}; }
  Result<std::vector<std::string>> names_in(const std::string& path) override {
    std::vector<std::string> out;
    for (const auto& [name, file] : files) {
      if (name.starts_with(path + "/") && name.find('/', path.size() + 1) == std::string::npos) {
        out.push_back(name.substr(path.size() + 1));
      }
    }
    return out;
  }

  Result<std::vector<std::string>> files_below(const std::string& path) override {
    std::vector<std::string> out;
    for (const auto& [name, file] : files) {
      if (name.starts_with(path + "/")) out.push_back(name.substr(path.size() + 1));
    }
    return out;
  }
  Result<void> create_from(const std::string& path, const std::function<Result<Blob>()>& next) override {
    Blob all;
    for (Blob part = TRY(next()); !part.empty(); part = TRY(next())) all.insert(all.end(), part.begin(), part.end());
    return create(path, all, cli::Access::Everyone);
  }

  std::string text(const std::string& path) const { return to_text(files.at(path).bytes); }
  void put(const std::string& path, std::string_view text, cli::Access access = cli::Access::Everyone) {
    files[path] = {to_blob(as_bytes(text)), access};
  }

  std::map<std::string, File> files;
};

/// Answers by `METHOD /path`, without its query; what is in no row is 404.
class ScriptedService final : public cli::Service {
 public:
  struct Request {
    std::string line;  ///< `GET /v1/catalogs?after=x`
    std::string token;
    std::string body;
    Digest256 service_ca_sha256{};
    std::string idempotency_key;
    std::string trace;
  };
  using Answer = std::function<json::Value(const Request&)>;

  Result<cli::ServiceAnswer> call(const cli::ServiceCall& call) override {
    requests.push_back({cat(call.method, " ", call.path), to_text(call.token.expose()), to_text(call.body),
                        call.service_ca_sha256, call.idempotency_key, call.trace});
    if (losses > 0) {
      --losses;
      return fail(Next::Retry, kLost, "the connection is gone");
    }
    const std::string line = requests.back().line.substr(0, requests.back().line.find('?'));
    const auto row = rows.find(line);
    if (row == rows.end()) return refusal(404, "nothing-there");
    const json::Value value = row->second(requests.back());
    if (const json::Value* status = value.find("refused")) {
      const json::Value* reason = value.find("reason");
      return refusal(static_cast<int>(*status->integer()), reason != nullptr ? *reason->text() : "no");
    }
    return cli::ServiceAnswer{200, to_blob(as_bytes(json::dump(value)))};
  }
  void answers(const std::string& line, json::Value value) {
    rows[line] = [value = std::move(value)](const Request&) { return value; };
  }
  static cli::ServiceAnswer refusal(int status, std::string_view title) {
    const json::Value problem = json::Object{{"title", title}, {"detail", "refused"}};
    return {status, to_blob(as_bytes(json::dump(problem)))};
  }
  bool was_asked(std::string_view line) const {
    return std::ranges::any_of(requests, [&](const Request& one) { return one.line == line; });
  }

  std::map<std::string, Answer> rows;
  std::vector<Request> requests;
  int losses = 0;  ///< of connections, that come first
};

class StandingClock final : public ports::Clock {
 public:
  Instant now() override { return {}; }
  WallTime wall_time() override { return at; }
  WallTime at = WallTime::from_seconds(1'800'000'000);
};

/// `holdfast` and all that it can touch.
struct CommandLine {
  MemoryFiles files;
  ScriptedService service;
  StandingClock clock;
  sim::random::SeededRandom random{1};
  std::string printed;
  int pauses = 0;  ///< that are left until whoever called wants an end
  cli::World world{service,
                   files,
                   clock,
                   random,
                   "config.json",
                   [this](std::string_view text) { printed += text; },
                   [this](Duration) { return pauses-- > 0; }};

  CommandLine() = default;
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  /// Logged in, with a catalog that is meant where none is named.
  void log_in(const std::string& catalog) {
    cli::Config config;
    config.url = "https://127.0.0.1:8444";
    config.token = Secret(as_bytes("hft_token"));
    config.catalog = catalog;
    files.put("config.json", as_text(cli::dump_config(config).expose()), cli::Access::OwnerOnly);
  }
  /// The exit code; what was printed before is forgotten.
  int run(std::vector<std::string> words) {
    printed.clear();
    words.insert(words.begin(), "holdfast");
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    return cli::run_program(cli::commands::holdfast(world), static_cast<int>(argv.size()), argv.data());
  }
};

}  // namespace holdfast::test
