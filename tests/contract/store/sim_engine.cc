#include "contract/store/engine.h"
#include "sim/store/memory_store.h"

namespace holdfast::contract {
namespace {

class SimEngine final : public Engine {
 public:
  ports::Store& store() override { return store_; }
  void reopen() override { store_.crash(); }

 private:
  sim::store::MemoryStore store_{{.rerun_every = 3}};
};

}  // namespace

std::unique_ptr<Engine> Engine::make() { return std::make_unique<SimEngine>(); }

}  // namespace holdfast::contract
