#include "base/text.h"
#include "linux/token/sessions_held.h"

namespace holdfast::linux::token {

Result<std::shared_ptr<Sessions>> Sessions::start(Uri uri, Modules modules, Pin pin) {
  std::shared_ptr<Sessions> out(new Sessions(std::move(uri), std::move(modules), std::move(pin)));
  const std::lock_guard lock(out->mutex_);
  TRY(out->log_in());
  return out;
}

Sessions::~Sessions() {
  if (slot_) slot_->module->C_CloseAllSessions(slot_->id);
}

Result<CK_SESSION_HANDLE> Sessions::open_one() {
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  TRY(done(slot_->module->C_OpenSession(slot_->id, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session),
           "open a session"));
  return session;
}

/// With the lock. Whoever is logged in by one session is by all.
Result<void> Sessions::log_in() {
  slot_ = TRY(modules_.find(uri_));
  TRY(pin_.require_not_refused(slot_->token));
  const CK_SESSION_HANDLE session = TRY(open_one());
  const Bytes pin = pin_.expose();
  // The module does not write to it; PKCS#11 knows no const.
  const CK_RV value = slot_->module->C_Login(session, CKU_USER, const_cast<CK_UTF8CHAR_PTR>(pin.data()), pin.size());
  if (value == CKR_OK || value == CKR_USER_ALREADY_LOGGED_IN) {
    ++login_;
    is_logged_in_ = true;
    idle_.push_back(session);
    return {};
  }
  slot_->module->C_CloseSession(session);
  const Error error = error_of(value, cat("let us log in ('", printable(unpadded(slot_->token.label)), "')"));
  if (error.reason == kTokenPinWrong) pin_.note_refused(slot_->token);
  return std::unexpected(error);
}

/// With the lock.
void Sessions::forget() {
  idle_.clear();
  is_logged_in_ = false;
  slot_->module->C_CloseAllSessions(slot_->id);
}

Result<Sessions::Session> Sessions::take() {
  std::unique_lock lock(mutex_);
  given_back_.wait(lock, [this] { return in_use_ < kSessionsMax; });
  if (is_logged_in_ && idle_.empty()) {
    const auto opened = open_one();
    if (!opened && opened.error().next != Next::Retry) return std::unexpected(opened.error());
    if (opened) {
      idle_.push_back(*opened);
    } else {
      forget();
    }
  }
  if (!is_logged_in_) TRY(log_in());
  ++in_use_;
  const Session out{slot_->module, idle_.back(), login_};
  idle_.pop_back();
  return out;
}

void Sessions::give_back(const Session& session, bool is_good) {
  const std::lock_guard lock(mutex_);
  --in_use_;
  const bool is_current = session.login == login_ && is_logged_in_;
  if (is_current && is_good) idle_.push_back(session.handle);
  if (is_current && !is_good) forget();
  given_back_.notify_one();
}

Result<void> Sessions::run(std::string_view what, const Work& work) {
  constexpr int kAttempts = 2;
  CK_RV value = CKR_SESSION_CLOSED;
  for (int attempt = 0; attempt < kAttempts && is_lost(value); ++attempt) {
    const Session session = TRY(take());
    value = work(session);
    give_back(session, !is_lost(value));
  }
  return done(value, what);
}

}  // namespace holdfast::linux::token
