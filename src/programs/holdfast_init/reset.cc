#include "programs/holdfast_init/reset.h"

#include <filesystem>

#include "base/text.h"
#include "linux/init/partition.h"
#include "programs/holdfast_init/chip_owner.h"
#include "programs/holdfast_init/console.h"

namespace holdfast::programs::init {
namespace {

using linux::init::Record;
using linux::init::RecordPartition;
using linux::init::Reset;

constexpr std::string_view kPresence{"holdfast-reset"};
constexpr const char* kForgotten[] = {"/state/network", "/state/init", "/state/crashes"};

}  // namespace

Result<void> note_presence(RecordPartition& record) {
  const bool is_there = linux::init::partition_named(kPresence).has_value();
  if (is_there == record.record().has_seen_presence) return {};
  Record next = record.record();
  next.has_seen_presence = is_there;
  if (is_there) next.reset = Reset::Storage;
  if (is_there) say("somebody who is here asks for a reset");
  return record.write(next);
}

Result<void> reset_storage(RecordPartition& record, linux::tpm::TpmVault& vault, const Sealed& sealed) {
  if (record.record().reset != Reset::Storage) return {};
  if (!sealed.is_open && record.record().sealed) {
    say("the reset waits for a boot that opens the sealed storage");
    return {};
  }
  const auto given = sealed.is_open ? disown_chip(vault) : Result<void>();
  if (!given) {
    say(cat("the reset waits for a boot whose chip takes its passwords back: ", printable(given.error().message)));
    return {};
  }
  Record next = record.record();
  next.sealed.reset();
  next.reset = Reset::Settings;
  TRY(record.overwrite(next));
  if (!sealed.is_open) return {};
  return fail(Next::Retry, kResets, "expected no storage of before, saw some: it was erased");
}

bool forget_settings(const RecordPartition& record) {
  if (record.record().reset != Reset::Settings) return false;
  for (const char* one : kForgotten) {
    std::error_code problem;
    std::filesystem::remove_all(one, problem);
    if (!problem) continue;
    say(cat("the reset waits for another boot: ", one, " stays: ", problem.message()));
    return false;
  }
  return true;
}

}  // namespace holdfast::programs::init
