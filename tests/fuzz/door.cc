// What comes through the door of a device's first process: questions from the agent, answers to it.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "linux/door/message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const Bytes bytes(data, size);
  if (const auto question = linux::door::Question::decode(bytes)) CHECK_INVARIANT(equal(question->encode(), bytes));
  if (const auto answer = linux::door::Answer::decode(bytes)) CHECK_INVARIANT(equal(encode(answer), bytes));
  return 0;
}
