// Slots and a floor in memory that behave as the ports promise, and lose their power as real ones do: of written bytes
// that no sync() followed, any may be there afterwards, whole, torn or not at all. Which image comes up is the test's
// to say; an image that does not come up in a trial is one that the confirmed place follows at once.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ports/floor.h"
#include "ports/random.h"
#include "ports/slots.h"

namespace holdfast::sim::slots {

/// Whether what starts comes up.
using ComesUp = std::function<bool(std::string_view component, Bytes image)>;

class MemorySlots final : public ports::Slots {
 public:
  static constexpr std::int64_t kCapacity = 4 * 1024 * 1024;  ///< unless said otherwise

  explicit MemorySlots(ports::Random& random) : random_(&random) {}

  /// A component whose place A holds `image` and is confirmed. With `needs_boot` its restart() is asked for and done by
  /// the next start().
  void add(std::string component, Bytes image, bool needs_boot, std::int64_t capacity = kCapacity);
  void set_comes_up(ComesUp comes_up) { comes_up_ = std::move(comes_up); }

  Result<std::vector<std::string>> components() override;
  Result<ports::SlotFacts> facts(std::string_view component) override;
  Result<Blob> read(std::string_view component, ports::Slot slot, std::int64_t offset, std::size_t bytes) override;
  Result<void> write(std::string_view component, std::int64_t offset, Bytes bytes) override;
  Result<void> sync(std::string_view component) override;
  Result<void> arm(std::string_view component, std::int64_t length) override;
  Result<void> confirm(std::string_view component) override;
  Result<void> restart(std::string_view component) override;

  /// The power goes: what was written and not synced is there or not, as chance has it; `torn`: a part of it, too.
  void lose_power(bool torn);
  /// The device starts: every component of it does.
  void start();

  bool wants_boot() const { return wants_boot_; }
  /// A confirmed place did not come up: the device is lost.
  bool is_lost() const { return is_lost_; }
  /// What runs, as far as it was said how long it is.
  Bytes running(std::string_view component) const;
  int starts(std::string_view component) const { return components_.find(component)->second.starts; }

 private:
  struct Place {
    Blob bytes;
    std::int64_t length = 0;  ///< of the image in it, as it was armed
  };
  struct Write {
    std::int64_t offset;
    Blob bytes;
  };
  struct Component {
    std::array<Place, 2> places;
    std::vector<Write> unsynced;
    ports::SlotFacts facts;
    bool needs_boot = false;
    int starts = 0;

    Place& place(ports::Slot slot) { return places[static_cast<std::size_t>(slot)]; }
  };

  Result<Component*> find(std::string_view component);
  void start_one(const std::string& name, Component& component);

  ports::Random* random_;
  std::map<std::string, Component, std::less<>> components_;
  ComesUp comes_up_;
  bool wants_boot_ = false;
  bool is_lost_ = false;
};

class MemoryFloor final : public ports::Floor {
 public:
  Result<ports::FloorFacts> read(std::string_view component) override;
  Result<void> raise(std::string_view component, std::int64_t security_version, const ports::FloorWord* word) override;

  /// As when the vault was cleared.
  void lose() {
    floors_.clear();
    word_.reset();
    is_lost_ = true;
  }
  std::int64_t of(std::string_view component) const;
  /// What it was raised by last.
  const std::optional<ports::FloorWord>& word() const { return word_; }

 private:
  std::map<std::string, std::int64_t, std::less<>> floors_;
  std::optional<ports::FloorWord> word_;
  bool is_lost_ = false;
};

}  // namespace holdfast::sim::slots
