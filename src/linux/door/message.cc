#include "linux/door/message.h"

#include <algorithm>

#include "base/byte_io.h"
#include "base/text.h"
#include "ports/network/network_settings.h"

namespace holdfast::linux::door {
namespace {

constexpr std::uint8_t kGood = 1;
constexpr std::uint8_t kBad = 0;
constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kSentenceBytesMax = 600;
/// Those that a caller of ports::Slots looks at.
constexpr Reason kReasons[] = {ports::kSlotsFailed, ports::kSlotsMissing, ports::kSlotsFull, ports::kSlotsBusy,
                               kDoorMalformed,      kDoorBoots,           kDoorRefused,      kDoorBusy};

std::unexpected<Error> malformed(std::string_view expected, std::int64_t seen) {
  return fail(Next::Rejected, kDoorMalformed, cat("expected ", expected, ", saw ", seen));
}

template <class Enum>
Result<Enum> one_of(std::uint8_t number, Enum last, std::string_view what) {
  if (number <= static_cast<std::uint8_t>(last)) return static_cast<Enum>(number);
  return malformed(what, number);
}

std::unexpected<Error> read_error(ByteReader& reader) {
  const auto next = TRY(one_of(TRY(reader.u8()), Next::Conflict, "what can be done next"));
  const std::string word = to_text(TRY(reader.sized16(kNameBytesMax)));
  const std::string sentence = to_text(TRY(reader.sized16(kSentenceBytesMax)));
  TRY(reader.done());
  const auto* reason = std::ranges::find(kReasons, word, [](const Reason& one) { return one.word(); });
  return fail(next, reason == std::end(kReasons) ? kDoorFailed : *reason, sentence);
}

}  // namespace

Result<Question> Question::decode(Bytes message) {
  ByteReader reader(message, Endian::Little, "question");
  const std::uint8_t number = TRY(reader.u8());
  if (number < static_cast<std::uint8_t>(Ask::Alive) || number > static_cast<std::uint8_t>(Ask::Reset)) {
    return malformed("a question of this version", number);
  }
  Question out{.ask = static_cast<Ask>(number)};
  out.slot = TRY(one_of(TRY(reader.u8()), ports::Slot::B, "a place"));
  const std::uint64_t length = TRY(reader.u64());
  if (length > static_cast<std::uint64_t>(INT64_MAX)) return malformed("a length", -1);
  out.length = static_cast<std::int64_t>(length);
  out.settings = to_blob(TRY(reader.sized16(ports::kNetworkBytesMax)));
  TRY(reader.done());
  return out;
}

Blob Question::encode() const {
  return ByteWriter(Endian::Little)
      .u8(static_cast<std::uint8_t>(ask))
      .u8(static_cast<std::uint8_t>(slot))
      .u64(static_cast<std::uint64_t>(length))
      .sized16(settings)
      .take();
}

Result<Answer> Answer::decode(Bytes message) {
  ByteReader reader(message, Endian::Little, "answer");
  if (TRY(reader.u8()) != kGood) return read_error(reader);
  Answer out;
  out.component = to_text(TRY(reader.sized16(kNameBytesMax)));
  out.facts.confirmed = TRY(one_of(TRY(reader.u8()), ports::Slot::B, "a place"));
  out.facts.running = TRY(one_of(TRY(reader.u8()), ports::Slot::B, "a place"));
  out.facts.trial = TRY(one_of(TRY(reader.u8()), ports::Trial::Failed, "how a trial is"));
  out.facts.capacity = static_cast<std::int64_t>(TRY(reader.u64()));
  TRY(reader.done());
  return out;
}

Blob encode(const Result<Answer>& answer) {
  ByteWriter out(Endian::Little);
  if (!answer) {
    const Error& error = answer.error();
    const std::string sentence = error.message.substr(0, kSentenceBytesMax);
    out.u8(kBad).u8(static_cast<std::uint8_t>(error.next));
    return out.sized16(as_bytes(error.reason.word())).sized16(as_bytes(sentence)).take();
  }
  out.u8(kGood).sized16(as_bytes(answer->component));
  out.u8(static_cast<std::uint8_t>(answer->facts.confirmed)).u8(static_cast<std::uint8_t>(answer->facts.running));
  return out.u8(static_cast<std::uint8_t>(answer->facts.trial))
      .u64(static_cast<std::uint64_t>(answer->facts.capacity))
      .take();
}

}  // namespace holdfast::linux::door
