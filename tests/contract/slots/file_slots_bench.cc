#include <doctest/doctest.h>

#include "linux/slots/file_slots.h"
#include "slots_bench.h"
#include "temporary_folder.h"

namespace holdfast::tests {
namespace {

using linux::slots::FileSlots;

class FileBench final : public SlotsBench {
 public:
  FileBench() {
    const FileSlots::Layout in_place = {.capacity = kBenchCapacity, .needs_boot = false};
    const FileSlots::Layout by_boot = {.capacity = kBenchCapacity, .needs_boot = true};
    REQUIRE(FileSlots::lay(folder_.path(), "app", kBenchImage, in_place));
    REQUIRE(FileSlots::lay(folder_.path(), "os", kBenchImage, by_boot));
    CHECK_FALSE(FileSlots::lay(folder_.path(), "os", kBenchImage, by_boot));
    boot();
  }
  ports::Slots& slots() override { return *slots_; }
  void boot() override {
    slots_.reset();
    auto opened = FileSlots::open(folder_.path(), ++boots_, [](auto, const auto&) { return Result<void>(); });
    REQUIRE(opened);
    slots_ = std::make_unique<FileSlots>(*std::move(opened));
  }

 private:
  TemporaryFolder folder_;
  std::int64_t boots_ = 0;
  std::unique_ptr<FileSlots> slots_;
};

}  // namespace

std::unique_ptr<SlotsBench> new_slots() { return std::make_unique<FileBench>(); }

}  // namespace holdfast::tests
