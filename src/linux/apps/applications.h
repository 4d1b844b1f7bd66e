// The applications of a device as plain child processes, each from its unpacked image and, where the agent is root, as
// a user of its own without rights. What ends by itself is told and starts again after a wait that grows; what cannot
// be started has crashed. Its settings are a file that it alone may read, `HOLDFAST_SETTINGS` in its environment. Not a
// sandbox: that is to come, and takes this place.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "base/time.h"
#include "linux/apps/tree.h"

namespace holdfast::linux::apps {

inline constexpr Duration kAgainFirst = seconds(1);
inline constexpr Duration kAgainMax = seconds(60);
/// One that ran for so long starts again at once the first time.
inline constexpr Duration kSteady = minutes(5);
/// Between the request to end and the end.
inline constexpr Duration kEndingMax = seconds(5);

struct Ended {
  std::string component;
  std::string version;  ///< empty: its image does not say
  bool is_crash = false;
  std::string how;  ///< `status 3`, `signal 11`, or why it did not start
};

class Applications {
 public:
  /// What a component is to read, asked whenever it starts; none: it has no settings. An Error: it does not run without
  /// them, and has crashed.
  using Settings = std::function<Result<std::optional<Blob>>(std::string_view component)>;

  /// Trees lie in `folder`, which is made, and which the applications' users must be able to reach.
  explicit Applications(std::filesystem::path folder, Settings settings = {})
      : folder_(std::move(folder)), settings_(std::move(settings)) {}
  Applications(const Applications&) = delete;
  Applications& operator=(const Applications&) = delete;
  ~Applications();

  /// Ends what runs of a component and starts this image of it at the next look().
  void start(std::string_view component, const std::filesystem::path& image);
  /// Starts what is due, and tells what ended since the last look.
  std::vector<Ended> look(Instant now);
  /// When something is due; none: nothing waits.
  std::optional<Instant> next() const;

 private:
  struct One {
    std::filesystem::path image;
    std::filesystem::path tree;
    std::optional<Application> application;
    int process = 0;  ///< 0: does not run
    Instant began;
    std::optional<Instant> due = Instant{};
    Duration wait = kAgainFirst;
  };

  void run(const std::string& component, One& one, Instant now, std::vector<Ended>& out);
  Result<std::filesystem::path> place_settings(std::string_view component) const;
  static void plan(One& one, Instant now);
  static void end(One& one);

  std::filesystem::path folder_;
  Settings settings_;
  std::map<std::string, One, std::less<>> all_;
  std::int64_t trees_ = 0;
};

}  // namespace holdfast::linux::apps
