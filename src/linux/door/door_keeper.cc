#include "linux/door/door_keeper.h"

namespace holdfast::linux::door {

Result<DoorKeeper::Done> DoorKeeper::act(const Question& question) {
  Done out;
  if (question.ask == Ask::Erase) TRY(sealed_.erase());
  if (places_ == nullptr) {
    const bool is_for_all = question.ask == Ask::Alive || question.ask == Ask::Facts || question.ask == Ask::Erase;
    if (is_for_all) return out;
    return fail(Next::NotFound, ports::kSlotsMissing, "expected a system that firmware started, saw another");
  }
  const std::string component = TRY(places_->components()).front();
  switch (question.ask) {
    case Ask::Alive:
    case Ask::Facts:
    case Ask::Erase: break;
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
