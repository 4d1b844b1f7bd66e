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
    idle_.push_back(session);
    return {};
  }
  slot_->module->C_CloseSession(session);
  const Error error = error_of(value, cat("let us log in ('", printable(unpadded(slot_->token.label)), "')"));
  if (error.reason == kTokenPinWrong) pin_.note_refused(slot_->token);
  return std::unexpected(error);
}

Result<void> Sessions::log_in_again(std::uint64_t lost) {
  const std::lock_guard lock(mutex_);
  if (login_ != lost) return {};  // another thread was faster
  idle_.clear();
  slot_->module->C_CloseAllSessions(slot_->id);
  return log_in();
}

Result<Sessions::Session> Sessions::take() {
  std::unique_lock lock(mutex_);
  given_back_.wait(lock, [this] { return in_use_ < kSessionsMax; });
  if (idle_.empty()) idle_.push_back(TRY(open_one()));
  ++in_use_;
  const Session out{slot_->module, idle_.back(), login_};
  idle_.pop_back();
  return out;
}

void Sessions::give_back(const Session& session, bool is_good) {
  const std::lock_guard lock(mutex_);
  --in_use_;
  if (is_good && session.login == login_) idle_.push_back(session.handle);
  given_back_.notify_one();
}

Result<void> Sessions::run(std::string_view what, const Work& work) {
  constexpr int kAttempts = 2;
  Error error = error_of(CKR_SESSION_CLOSED, what);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::uint64_t login = 0;
    {
      const std::lock_guard lock(mutex_);
      login = login_;
    }
    const auto session = take();
    CK_RV value = CKR_SESSION_CLOSED;
    if (session) {
      login = session->login;
      value = work(*session);
      give_back(*session, !is_lost(value));
      if (value == CKR_OK) return {};
      error = error_of(value, what);
      if (!is_lost(value)) break;
    } else {
      error = session.error();
    }
    TRY(log_in_again(login));
  }
  return std::unexpected(error);
}

}  // namespace holdfast::linux::token
