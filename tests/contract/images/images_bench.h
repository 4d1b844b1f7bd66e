// The files that a contract's test runs against.
#pragma once

#include <memory>

#include "ports/image_files.h"

namespace holdfast::tests {

class ImagesBench {
 public:
  virtual ~ImagesBench() = default;
  virtual ports::ImageFiles& files() = 0;
  /// As after the end of the process.
  virtual void reopen() = 0;
};

std::unique_ptr<ImagesBench> new_images();

}  // namespace holdfast::tests
