#include "linux/slots/joined_slots.h"

#include <algorithm>

#include "base/text.h"

namespace holdfast::linux::slots {

Result<std::vector<std::string>> JoinedSlots::components() {
  std::vector<std::string> out;
  for (ports::Slots* part : parts_) {
    const auto more = TRY(part->components());
    out.insert(out.end(), more.begin(), more.end());
  }
  std::ranges::sort(out);
  return out;
}

Result<ports::Slots*> JoinedSlots::find(std::string_view component) {
  for (ports::Slots* part : parts_) {
    const auto known = TRY(part->components());
    if (std::ranges::find(known, component) != known.end()) return part;
  }
  return fail(Next::NotFound, ports::kSlotsMissing,
              cat("expected a component with places, saw ", printable(component)));
}

Result<ports::SlotFacts> JoinedSlots::facts(std::string_view component) {
  return TRY(find(component))->facts(component);
}
Result<Blob> JoinedSlots::read(std::string_view component, ports::Slot slot, std::int64_t offset, std::size_t bytes) {
  return TRY(find(component))->read(component, slot, offset, bytes);
}
Result<void> JoinedSlots::write(std::string_view component, std::int64_t offset, Bytes bytes) {
  return TRY(find(component))->write(component, offset, bytes);
}
Result<void> JoinedSlots::sync(std::string_view component) { return TRY(find(component))->sync(component); }
Result<void> JoinedSlots::arm(std::string_view component, std::int64_t length) {
  return TRY(find(component))->arm(component, length);
}
Result<void> JoinedSlots::confirm(std::string_view component) { return TRY(find(component))->confirm(component); }
Result<void> JoinedSlots::restart(std::string_view component) { return TRY(find(component))->restart(component); }

}  // namespace holdfast::linux::slots
