#include "floor_bench.h"
#include "linux/slots/file_floor.h"
#include "temporary_folder.h"

namespace holdfast::tests {
namespace {

class FileBench final : public FloorBench {
 public:
  FileBench() { power_cycle(); }
  ports::Floor& floor() override { return *floor_; }
  void power_cycle() override { floor_ = std::make_unique<linux::slots::FileFloor>(folder_.path() / "floor.json"); }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<linux::slots::FileFloor> floor_;
};

}  // namespace

std::unique_ptr<FloorBench> new_floor() { return std::make_unique<FileBench>(); }

}  // namespace holdfast::tests
