#include <cstdlib>
#include <optional>

#include "base/check.h"
#include "images_bench.h"
#include "linux/images/image_folder.h"

namespace holdfast::tests {
namespace {

class FolderOfImages final : public ImagesBench {
 public:
  FolderOfImages() {
    std::string name = (std::filesystem::temp_directory_path() / "holdfast-images.XXXXXX").string();
    CHECK_INVARIANT(mkdtemp(name.data()) != nullptr);
    root_ = name;
    reopen();
  }
  ~FolderOfImages() override { std::filesystem::remove_all(root_); }

  ports::ImageFiles& files() override { return *files_; }
  void reopen() override { files_.emplace(root_); }

 private:
  std::filesystem::path root_;
  std::optional<linux::images::ImageFolder> files_;
};

}  // namespace

std::unique_ptr<ImagesBench> new_images() { return std::make_unique<FolderOfImages>(); }

}  // namespace holdfast::tests
