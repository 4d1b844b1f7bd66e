// A device's own records as somebody with its disk may have left them, and a problem document of a stranger: nothing
// crashes, and what is read can be written again and says the same.
#include <cstdint>

#include "base/check.h"
#include "device/record/records.h"
#include "device/update/state.h"
#include "wire/problem.h"

namespace {

template <class Record>
void check(holdfast::Bytes input) {
  const auto read = Record::decode(input);
  if (!read) return;
  const auto again = Record::decode(read->encode());
  CHECK_INVARIANT(again && again->encode() == read->encode());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const Bytes input(data, size);
  check<device::record::Ticket>(input);
  check<device::record::Owner>(input);
  check<device::record::AttestationKey>(input);
  check<device::record::Identity>(input);
  check<device::record::TlsKeys>(input);
  check<device::record::Attested>(input);
  check<device::record::AuditSeen>(input);
  check<device::record::Trouble>(input);
  check<device::update::State>(input);
  [[maybe_unused]] const auto problem = wire::Problem::decode(input);
  return 0;
}
