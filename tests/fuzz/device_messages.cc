// What device and service say to each other, from a stranger: nothing crashes, and what is read can be written again
// and says the same.
#include <cstdint>

#include "base/check.h"
#include "wire/attest.h"
#include "wire/check_in.h"
#include "wire/enroll.h"

namespace {

template <class Message>
void check(holdfast::Bytes input) {
  const auto read = Message::decode(input);
  if (!read) return;
  const auto again = Message::decode(read->encode());
  CHECK_INVARIANT(again && again->encode() == read->encode());
}

template <class... Messages>
void check_all(holdfast::Bytes input) {
  (check<Messages>(input), ...);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast::wire;
  check_all<EnrollRequest, EnrollChallenge, EnrollProof, EnrollResult, AttestChallengeRequest, AttestChallenge,
            AttestBody, AttestRequest, AttestResult, CheckInRequest, CheckInResult>({data, size});
  return 0;
}
