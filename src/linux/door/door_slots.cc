#include "linux/door/door_slots.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "linux/door/datagram.h"

namespace holdfast::linux::door {
namespace {

using ports::Slot;
using ports::SlotFacts;

std::unexpected<Error> failed(std::string_view what) {
  return fail(Next::Retry, ports::kSlotsFailed, cat("expected to ", what, " a place, saw: ", std::strerror(errno)));
}

}  // namespace

Result<DoorSlots::Reply> DoorSlots::ask(const Question& question) {
  TRY(send_datagram(door_.number(), question.encode(), -1));
  Datagram received = TRY(receive_datagram(door_.number()));
  Reply out;
  out.answer = TRY(Answer::decode(received.bytes));
  out.opened = std::move(received.opened);
  component_ = out.answer.component;
  capacity_ = out.answer.facts.capacity;
  return out;
}

Result<void> DoorSlots::alive() {
  TRY(ask({.ask = Ask::Alive}));
  return {};
}

Result<std::vector<std::string>> DoorSlots::components() {
  if (component_.empty()) TRY(ask({.ask = Ask::Facts}));
  return component_.empty() ? std::vector<std::string>() : std::vector{component_};
}

Result<void> DoorSlots::require(std::string_view component) {
  const auto known = TRY(components());
  if (std::ranges::find(known, component) != known.end()) return {};
  return fail(Next::NotFound, ports::kSlotsMissing,
              cat("expected a component with places, saw ", printable(component)));
}

Result<SlotFacts> DoorSlots::facts(std::string_view component) {
  TRY(require(component));
  return TRY(ask({.ask = Ask::Facts})).answer.facts;
}

Result<Blob> DoorSlots::read(std::string_view component, Slot slot, std::int64_t offset, std::size_t bytes) {
  TRY(require(component));
  system::Descriptor& reader = readers_[static_cast<std::size_t>(slot)];
  if (!reader.is_open()) reader = std::move(TRY(ask({.ask = Ask::Read, .slot = slot})).opened);
  const std::int64_t left = offset < 0 || offset > capacity_ ? 0 : capacity_ - offset;
  Blob out(std::min(bytes, static_cast<std::size_t>(left)));
  if (::pread(reader.number(), out.data(), out.size(), offset) == std::ssize(out)) return out;
  return failed("read");
}

Result<void> DoorSlots::open_spare() {
  if (!writer_.is_open()) writer_ = std::move(TRY(ask({.ask = Ask::Write})).opened);
  return {};
}

Result<void> DoorSlots::write(std::string_view component, std::int64_t offset, Bytes bytes) {
  TRY(require(component));
  if (offset < 0 || offset > capacity_ || std::ssize(bytes) > capacity_ - offset) {
    return fail(Next::Rejected, ports::kSlotsFull, cat("expected at most ", capacity_, " bytes for a place, saw more"));
  }
  TRY(open_spare());
  if (::pwrite(writer_.number(), bytes.data(), bytes.size(), offset) == std::ssize(bytes)) return {};
  return failed("write");
}

/// What was written before a restart of this process is synced with the rest.
Result<void> DoorSlots::sync(std::string_view component) {
  TRY(require(component));
  const SlotFacts seen = TRY(ask({.ask = Ask::Facts})).answer.facts;
  const auto spare = std::move(TRY(ask({.ask = Ask::Read, .slot = other(seen.confirmed)})).opened);
  return ::fsync(spare.number()) == 0 ? Result<void>() : failed("sync");
}

/// Whoever writes afterwards asks anew, and disarms.
Result<void> DoorSlots::arm(std::string_view component, std::int64_t length) {
  TRY(require(component));
  writer_ = system::Descriptor();
  TRY(ask({.ask = Ask::Arm, .length = length}));
  return {};
}

Result<void> DoorSlots::confirm(std::string_view component) {
  TRY(require(component));
  writer_ = system::Descriptor();
  TRY(ask({.ask = Ask::Confirm}));
  return {};
}

Result<void> DoorSlots::erase() {
  TRY(ask({.ask = Ask::Erase}));
  return {};
}

Result<void> DoorSlots::follow_network(Bytes settings) {
  TRY(ask({.ask = Ask::Network, .settings = to_blob(settings)}));
  return {};
}

Result<void> DoorSlots::end_reset() {
  TRY(ask({.ask = Ask::Reset}));
  return {};
}

Result<void> DoorSlots::restart(std::string_view component) { return require(component); }

}  // namespace holdfast::linux::door
