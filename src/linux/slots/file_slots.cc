#include "linux/slots/file_slots.h"

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/text.h"
#include "linux/system/files.h"
#include "trust/update/configuration.h"
#include "trust/update/image.h"

namespace holdfast::linux::slots {

namespace fs = std::filesystem;
using ports::Slot;
using ports::Trial;
using system::Descriptor;

namespace {

constexpr mode_t kImageMode = 0600;

std::unexpected<Error> failed(std::string_view act, const fs::path& at) {
  const int error = errno;
  const Next next = error == ENOSPC || error == EDQUOT ? Next::Exhausted : Next::Retry;
  return fail(next, ports::kSlotsFailed,
              cat("expected to ", act, " ", printable(at.string()), ", saw: ", std::strerror(error)));
}

fs::path image_of(const fs::path& folder, Slot slot) { return folder / (slot == Slot::A ? "a.img" : "b.img"); }

Result<Descriptor> open_image(const fs::path& path, int flags) {
  Descriptor out(::open(path.c_str(), flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW, kImageMode));
  if (!out.is_open()) return failed("open", path);
  return out;
}

Result<void> write_at(const Descriptor& to, const fs::path& path, std::int64_t offset, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(to.number(), bytes.data(), bytes.size(), offset);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed("write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
    offset += put;
  }
  return {};
}

/// With room for all of it, said now rather than in the middle of an update.
Result<void> make_image(const fs::path& path, Bytes image, std::int64_t capacity) {
  const Descriptor file = TRY(open_image(path, O_CREAT | O_TRUNC));
  const int refused = ::posix_fallocate(file.number(), 0, capacity);
  if (refused != 0) {
    errno = refused;
    return failed(cat("have room for ", capacity, " bytes in"), path);
  }
  TRY(write_at(file, path, 0, image));
  if (::fsync(file.number()) != 0) return failed("sync", path);
  return {};
}

Result<void> require_inside(std::int64_t offset, std::int64_t bytes, std::int64_t capacity) {
  if (offset >= 0 && bytes >= 0 && offset <= capacity && bytes <= capacity - offset) return {};
  return fail(Next::Exhausted, ports::kSlotsFull,
              cat("expected to stay within the ", capacity, " bytes of a place, saw ", bytes, " at ", offset));
}

Result<void> require_no_trial(const ports::SlotFacts& facts, std::string_view component) {
  if (facts.trial != Trial::Running) return {};
  return fail(Next::Conflict, ports::kSlotsBusy, cat("a trial of ", printable(component), " runs"));
}

/// What a start makes of it.
ports::SlotFacts started(ports::SlotFacts facts) {
  const bool is_tried = facts.trial == Trial::Armed;
  if (facts.trial == Trial::Running) facts.trial = Trial::Failed;
  if (is_tried) facts.trial = Trial::Running;
  facts.running = is_tried ? other(facts.confirmed) : facts.confirmed;
  return facts;
}

}  // namespace

Result<void> FileSlots::lay(const fs::path& directory, std::string_view component, Bytes image, const Layout& layout) {
  const fs::path folder = directory / component;
  if (fs::exists(folder / kStateName)) {
    return fail(Next::Conflict, ports::kSlotsFailed, cat("there is a component ", printable(component)));
  }
  TRY(require_inside(0, std::ssize(image), layout.capacity));
  TRY(system::make_private_directory(directory));
  TRY(system::make_private_directory(folder));
  TRY(make_image(image_of(folder, Slot::A), image, layout.capacity));
  TRY(make_image(image_of(folder, Slot::B), {}, layout.capacity));
  State state;
  state.facts.capacity = layout.capacity;
  state.confirmed_length = std::ssize(image);
  state.needs_boot = layout.needs_boot;
  return write_state(folder, state);
}

Result<FileSlots::Component> FileSlots::open_component(const fs::path& folder) {
  State state = TRY(read_state(folder));
  Descriptor a = TRY(open_image(image_of(folder, Slot::A), 0));
  Descriptor b = TRY(open_image(image_of(folder, Slot::B), 0));
  return Component{folder, state, {std::move(a), std::move(b)}};
}

Result<void> FileSlots::add(const fs::path& folder) {
  if (components_.size() == kComponentsMax) {
    return fail(Next::Rejected, ports::kSlotsFailed, cat("expected at most ", kComponentsMax, " components"));
  }
  Component component = TRY(open_component(folder));
  if (component.state.boot != boot_) TRY(start(component, boot_));
  components_.emplace(folder.filename().string(), std::move(component));
  return {};
}

Result<FileSlots> FileSlots::open(const fs::path& directory, std::int64_t boot, Restart restart) {
  FileSlots out(directory, boot, std::move(restart));
  std::error_code missing;
  for (fs::directory_iterator at(directory, missing), end; !missing && at != end; at.increment(missing)) {
    if (fs::exists(at->path() / kStateName)) TRY(out.add(at->path()));
  }
  if (missing) {
    return fail(Next::NotFound, ports::kSlotsFailed,
                cat("expected a folder of slots at ", printable(directory.string()), ", saw: ", missing.message()));
  }
  return out;
}

Result<void> FileSlots::lay_settings() {
  for (const std::string& application : applications()) TRY(lay_settings_of(application));
  return {};
}

Result<void> FileSlots::lay_settings_of(std::string_view application) {
  constexpr Layout kLayout{.capacity = trust::update::kConfigurationBytesMax};
  const std::string component = trust::update::settings_of(application);
  const bool has_room = components_.size() < kComponentsMax && component.size() <= trust::update::kImageNameBytesMax;
  if (!has_room || components_.contains(component)) return {};
  TRY(lay(directory_, component, {}, kLayout));
  return add(directory_ / component);
}

Result<FileSlots::Component*> FileSlots::find(std::string_view component) {
  const auto found = components_.find(component);
  if (found != components_.end()) return &found->second;
  return fail(Next::NotFound, ports::kSlotsMissing, cat("expected places for ", printable(component), ", saw none"));
}

/// On disk first: memory never says more than a start would find.
Result<void> FileSlots::keep(Component& component, const State& state) {
  TRY(write_state(component.folder, state));
  component.state = state;
  return {};
}

Result<void> FileSlots::start(Component& component, std::int64_t boot) {
  State state = component.state;
  state.facts = started(state.facts);
  state.boot = boot;
  return keep(component, state);
}

Result<std::vector<std::string>> FileSlots::components() {
  std::vector<std::string> out;
  for (const auto& [name, component] : components_) out.push_back(name);
  return out;
}

Result<ports::SlotFacts> FileSlots::facts(std::string_view component) { return TRY(find(component))->state.facts; }

Result<Blob> FileSlots::read(std::string_view component, Slot slot, std::int64_t offset, std::size_t bytes) {
  const Component& from = *TRY(find(component));
  const std::int64_t left = from.state.facts.capacity - offset;
  if (offset < 0 || left <= 0) return Blob();
  Blob out(static_cast<std::size_t>(std::min<std::int64_t>(left, static_cast<std::int64_t>(bytes))));
  for (std::size_t at = 0; at < out.size();) {
    const ssize_t got =
        ::pread(from.place(slot).number(), out.data() + at, out.size() - at, offset + static_cast<std::int64_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", image_of(from.folder, slot));
    if (got == 0) out.resize(at);
    at += static_cast<std::size_t>(got);
  }
  return out;
}

Result<void> FileSlots::write(std::string_view component, std::int64_t offset, Bytes bytes) {
  Component& into = *TRY(find(component));
  TRY(require_inside(offset, std::ssize(bytes), into.state.facts.capacity));
  TRY(require_no_trial(into.state.facts, component));
  if (into.state.facts.trial != Trial::None) {
    State state = into.state;
    state.facts.trial = Trial::None;
    TRY(keep(into, state));
  }
  const Slot spare = other(into.state.facts.confirmed);
  return write_at(into.place(spare), image_of(into.folder, spare), offset, bytes);
}

Result<void> FileSlots::sync(std::string_view component) {
  const Component& of = *TRY(find(component));
  const Slot spare = other(of.state.facts.confirmed);
  if (::fdatasync(of.place(spare).number()) != 0) return failed("sync", image_of(of.folder, spare));
  return {};
}

Result<void> FileSlots::arm(std::string_view component, std::int64_t length) {
  Component& of = *TRY(find(component));
  TRY(require_inside(0, length, of.state.facts.capacity));
  TRY(require_no_trial(of.state.facts, component));
  State state = of.state;
  state.facts.trial = Trial::Armed;
  state.length = length;
  return keep(of, state);
}

Result<void> FileSlots::confirm(std::string_view component) {
  Component& of = *TRY(find(component));
  State state = of.state;
  if (state.facts.confirmed != state.facts.running) state.confirmed_length = state.length;
  state.facts.confirmed = state.facts.running;
  if (state.facts.trial == Trial::Running) state.facts.trial = Trial::None;
  return keep(of, state);
}

Result<void> FileSlots::restart(std::string_view component) {
  Component& of = *TRY(find(component));
  if (!of.state.needs_boot) TRY(start(of, of.state.boot));
  return restart_(component, image_of(of.folder, of.state.facts.running));
}

Result<fs::path> FileSlots::image(std::string_view component) {
  const Component& of = *TRY(find(component));
  return image_of(of.folder, of.state.facts.running);
}

Result<std::optional<Blob>> FileSlots::settings(std::string_view application) {
  const auto found = components_.find(trust::update::settings_of(application));
  if (found == components_.end()) return std::optional<Blob>();
  const State& state = found->second.state;
  const bool is_confirmed = state.facts.running == state.facts.confirmed;
  const std::int64_t length = is_confirmed ? state.confirmed_length : state.length;
  if (length == 0) return std::optional<Blob>();
  return std::optional(TRY(read(found->first, state.facts.running, 0, static_cast<std::size_t>(length))));
}

std::vector<std::string> FileSlots::applications() const {
  std::vector<std::string> out;
  for (const auto& [name, component] : components_) {
    if (!component.state.needs_boot && !trust::update::is_settings(name)) out.push_back(name);
  }
  return out;
}

std::optional<std::string> FileSlots::application_of(std::string_view component) const {
  for (std::string& one : applications()) {
    if (one == component || trust::update::settings_of(one) == component) return std::move(one);
  }
  return std::nullopt;
}

}  // namespace holdfast::linux::slots
