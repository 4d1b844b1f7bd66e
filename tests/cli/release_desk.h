// An owner with one key, a repository, and two images to release.
#pragma once

#include <doctest/doctest.h>

#include "cli/memory_world.h"
#include "cli/release/releases.h"
#include "fails_with.h"

namespace holdfast::test {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kNotFound = 4;
inline constexpr int kDenied = 5;
inline constexpr int kConflict = 6;

struct ReleaseDesk : CommandLine {
  ReleaseDesk() {
    REQUIRE(run({"owner", "init", "--dir", "owner"}) == kDone);
    REQUIRE(release("init") == kDone);
    files.put("door-1", "the first door");
    files.put("door-2", "the second door");
  }

  int release(const std::string& verb, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"release", verb, "--repository", "images", "--dir", "owner"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  int publish(const std::string& file, const std::string& version, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {
        file,   "--kind",    "application", "--product",          "gateway", "--hardware", "board-a", "--component",
        "door", "--version", version,       "--security-version", "1"};
    words.insert(words.end(), more.begin(), more.end());
    return release("publish", words);
  }
  cli::owner::Folder owner(const std::string& folder = "owner") {
    auto out = cli::owner::Folder::open(files, folder);
    REQUIRE(out);
    return *std::move(out);
  }
  Result<cli::release::Repository> repository(const std::string& path = "images", const std::string& folder = "owner") {
    return cli::release::Repository::open(files, owner(folder), path);
  }
};

}  // namespace holdfast::test
