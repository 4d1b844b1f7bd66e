#include "linux/system/descriptor.h"

#include <unistd.h>

namespace holdfast::linux::system {

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

}  // namespace holdfast::linux::system
