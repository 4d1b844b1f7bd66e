// Slots as files: a folder for each component with the images `a.img` and `b.img` and the record `state.json`, which
// says what is confirmed and what is being tried. The record is replaced as a whole, so that every call but a write is
// done or not done. Starting what runs is somebody else's: of an application the callback given here, of an operating
// system whoever boots the device and opens the folder, with the number of that boot, before anything else does.
// Each application may have settings, a component of their own. Refuses components that nobody laid, and bytes beyond a
// place.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "linux/system/descriptor.h"
#include "ports/slots.h"

namespace holdfast::linux::slots {

inline constexpr std::size_t kComponentsMax = 64;
inline constexpr std::string_view kStateName{"state.json"};

/// Which component starts, and the file of the image that is to run. Of a component that needs a boot: that the device
/// is to boot; it may return before it does.
using Restart = std::function<Result<void>(std::string_view component, const std::filesystem::path& image)>;

class FileSlots final : public ports::Slots {
 public:
  struct Layout {
    std::int64_t capacity = 0;  ///< bytes of each place
    bool needs_boot = false;    ///< an operating system
  };

  /// Makes the folder of a component whose place A holds `image`, confirmed. Conflict where there is one.
  static Result<void> lay(const std::filesystem::path& directory, std::string_view component, Bytes image,
                          const Layout& layout);

  /// `boot` names this boot of the device: another one than the last starts every component.
  static Result<FileSlots> open(const std::filesystem::path& directory, std::int64_t boot, Restart restart);

  Result<std::vector<std::string>> components() override;
  Result<ports::SlotFacts> facts(std::string_view component) override;
  Result<Blob> read(std::string_view component, ports::Slot slot, std::int64_t offset, std::size_t bytes) override;
  Result<void> write(std::string_view component, std::int64_t offset, Bytes bytes) override;
  Result<void> sync(std::string_view component) override;
  Result<void> arm(std::string_view component, std::int64_t length) override;
  Result<void> confirm(std::string_view component) override;
  Result<void> restart(std::string_view component) override;

  /// Makes places for the settings of every application that has none, where the folder has room for them. Nothing is
  /// in them, and the application runs without.
  Result<void> lay_settings();
  /// The same for one of them, also where it is none that starts.
  Result<void> lay_settings_of(std::string_view application);

  /// The components that are started, without a boot.
  std::vector<std::string> applications() const;
  /// Which of them starts when this component does: itself, or the one whose settings it is. None: it needs a boot.
  std::optional<std::string> application_of(std::string_view component) const;
  /// Of what runs.
  Result<std::filesystem::path> image(std::string_view component);
  /// The document that an application's settings are now; none: it has no settings.
  Result<std::optional<Blob>> settings(std::string_view application);

 private:
  struct State {
    ports::SlotFacts facts;
    std::int64_t length = 0;            ///< of what is armed or being tried
    std::int64_t confirmed_length = 0;  ///< 0: as the place was laid, or nothing is in it
    std::int64_t boot = 0;
    bool needs_boot = false;
  };
  struct Component {
    std::filesystem::path folder;
    State state;
    std::array<system::Descriptor, 2> places;
    const system::Descriptor& place(ports::Slot slot) const { return places[static_cast<std::size_t>(slot)]; }
  };

  FileSlots(std::filesystem::path directory, std::int64_t boot, Restart restart)
      : directory_(std::move(directory)), boot_(boot), restart_(std::move(restart)) {}
  static Result<State> read_state(const std::filesystem::path& folder);
  static Result<void> write_state(const std::filesystem::path& folder, const State& state);
  static Result<Component> open_component(const std::filesystem::path& folder);
  static Result<void> keep(Component& component, const State& state);
  static Result<void> start(Component& component, std::int64_t boot);
  Result<void> add(const std::filesystem::path& folder);

  Result<Component*> find(std::string_view component);

  std::filesystem::path directory_;
  std::int64_t boot_;
  Restart restart_;
  std::map<std::string, Component, std::less<>> components_;
};

}  // namespace holdfast::linux::slots
