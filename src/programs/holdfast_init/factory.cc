#include "programs/holdfast_init/factory.h"

#include <algorithm>

#include "base/json/fields.h"

namespace holdfast::programs::init {

Result<Factory> parse_factory(Bytes partition) {
  const auto end = std::ranges::find(partition, 0);
  const Bytes text = partition.first(static_cast<std::size_t>(end - partition.begin()));
  Factory out;
  if (text.empty()) return out;
  const auto value = json::parse(text, {.bytes_max = kFactoryBytesMax});
  if (!value) return fail(Next::Rejected, kFactoryMalformed, value.error().message);
  auto fields = TRY(json::Fields::of(*value, "factory"));
  if (fields.has("ticket")) out.ticket = to_blob(as_bytes(json::dump(*TRY(fields.value("ticket")))));
  if (fields.has("network")) {
    auto network = ports::parse_network(*TRY(fields.value("network")));
    if (network) out.network = *std::move(network);
    if (!network) out.problem = std::move(network).error().message;
  }
  TRY(fields.done());
  return out;
}

}  // namespace holdfast::programs::init
