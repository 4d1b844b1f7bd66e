// A firmware's variables as somebody with its flash may have left them: nothing crashes, and what is read is written
// back and says the same.
#include <cstdint>

#include "base/check.h"
#include "firmware/variable_store.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  auto store = firmware::VariableStore::open({data, size});
  if (!store) return 0;
  const auto again = firmware::VariableStore::open(store->image());
  CHECK_INVARIANT(again && again->variables() == store->variables());
  const auto enrolled =
      firmware::enroll(*store, {{Blob(3, 1)}, {Blob(3, 2)}, {Blob(3, 3)}}, firmware::Guid{}, WallTime::from_seconds(0));
  CHECK_INVARIANT(firmware::VariableStore::open(store->image()));
  return enrolled ? 0 : -1;
}
