#include "images_bench.h"
#include "sim/images/memory_image_files.h"

namespace holdfast::tests {
namespace {

class MemoryImages final : public ImagesBench {
 public:
  ports::ImageFiles& files() override { return files_; }
  void reopen() override {}

 private:
  sim::images::MemoryImageFiles files_;
};

}  // namespace

std::unique_ptr<ImagesBench> new_images() { return std::make_unique<MemoryImages>(); }

}  // namespace holdfast::tests
