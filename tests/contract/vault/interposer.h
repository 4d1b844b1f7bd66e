// Somebody on the bus between a vault and its chip: sees every command and answer, may change answers, and may ask a
// chip of its own instead. Stands where swtpm's sockets are expected.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"

namespace holdfast::tests {

/// TPM_CC of a command: what an interposer goes by.
std::uint32_t command_code(Bytes command);

class Interposer {
 public:
  struct Malice {
    /// Changes an answer on its way.
    std::function<void(std::uint32_t command_code, Blob& answer)> change = [](std::uint32_t, Blob&) {};
    /// The socket that is asked; `chip` by default.
    std::function<std::string(std::uint32_t command_code)> route = {};
  };

  /// Listens on `socket` and `socket`.ctrl, before the chip at `chip`.
  Interposer(const std::string& socket, std::string chip, Malice malice);
  ~Interposer();

  /// Everything that crossed, both ways.
  Blob seen() const;

 private:
  struct Held;
  std::unique_ptr<Held> held_;
};

}  // namespace holdfast::tests
