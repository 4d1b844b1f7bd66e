#include "linux/door/door_keeper.h"

namespace holdfast::linux::door {
namespace {

/// A firmware's variables take some ten thousand changes.
bool wears_out(Ask ask) { return ask == Ask::Arm || ask == Ask::Confirm || ask == Ask::Erase || ask == Ask::Network; }
bool needs_places(Ask ask) { return ask == Ask::Read || ask == Ask::Write || ask == Ask::Arm || ask == Ask::Confirm; }

}  // namespace

Result<DoorKeeper::Done> DoorKeeper::act(const Question& question) {
  Done out;
  if (wears_out(question.ask) && !changes_.take(clock_.now())) {
    return fail(Next::Retry, kDoorBusy, "expected fewer changes in this time, saw one more");
  }
  if (question.ask == Ask::Erase) TRY(system_.erase());
  if (question.ask == Ask::Network) TRY(system_.follow_network(question.settings));
  if (question.ask == Ask::Reset) TRY(system_.end_reset());
  if (places_ == nullptr) {
    if (!needs_places(question.ask)) return out;
    return fail(Next::NotFound, ports::kSlotsMissing, "expected a system that firmware started, saw another");
  }
  const std::string component = TRY(places_->components()).front();
  switch (question.ask) {
    case Ask::Alive:
    case Ask::Facts:
    case Ask::Erase:
    case Ask::Network:
    case Ask::Reset: break;
    case Ask::Read: out.opened = TRY(places_->reader(question.slot)); break;
    case Ask::Write: out.opened = TRY(places_->writer()); break;
    case Ask::Arm: TRY(places_->arm(component, question.length)); break;
    case Ask::Confirm: TRY(places_->confirm(component)); break;
  }
  out.answer.component = component;
  out.answer.facts = TRY(places_->facts(component));
  return out;
}

Result<bool> DoorKeeper::answer_one(int door) {
  const Blob received = TRY(receive_bytes(door));
  if (received.empty()) return false;
  const auto question = Question::decode(received);
  auto done = question ? act(*question) : std::unexpected(question.error());
  const Blob answer =
      done ? encode(Result<Answer>(done->answer)) : encode(Result<Answer>(std::unexpected(done.error())));
  TRY(send_datagram(door, answer, done ? done->opened.number() : -1));
  return true;
}

}  // namespace holdfast::linux::door
