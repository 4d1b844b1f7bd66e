#include "floor_bench.h"
#include "linux/slots/file_floor.h"
#include "linux/tpm/tpm_floor.h"
#include "powered_tpm.h"
#include "temporary_folder.h"

namespace holdfast::tests {
namespace {

class TpmBench final : public FloorBench {
 public:
  explicit TpmBench(const Chips& both) : chip_(both.one, folder_.path() / "chip"), vault_(chip_.connection_string()) {}
  ports::Floor& floor() override { return floor_; }
  void power_cycle() override {
    vault_.release();
    chip_.power_cycle();
  }

 private:
  TemporaryFolder folder_;
  PoweredTpm chip_;
  linux::tpm::TpmVault vault_;
  linux::slots::FileFloor seen_{folder_.path() / "seen.json"};
  linux::slots::FileFloor beside_{folder_.path() / "beside.json"};
  linux::tpm::TpmFloor floor_{vault_, seen_, beside_};
};

}  // namespace

std::unique_ptr<FloorBench> new_floor() {
  Chips* both = chips();
  if (both == nullptr) return nullptr;
  return std::make_unique<TpmBench>(*both);
}

}  // namespace holdfast::tests
