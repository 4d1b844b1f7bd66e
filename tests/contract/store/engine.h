// What a contract test knows of an engine. Each test program links the same cases and one engine's make().
#pragma once

#include <memory>

#include "ports/store/migration.h"
#include "ports/store/store.h"

namespace holdfast::contract {

class Engine {
 public:
  /// An empty store with the tables of rows.h.
  static std::unique_ptr<Engine> make();

  virtual ~Engine() = default;
  virtual ports::Store& store() = 0;
  /// Goes away and comes back: what was flushed must still be there.
  virtual void reopen() = 0;
};

}  // namespace holdfast::contract
