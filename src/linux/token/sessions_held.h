// The sessions with one token: as many as are in use at once, opened anew and logged in again where they were lost. For
// the .cc files of this directory alone.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

#include "linux/token/cryptoki_held.h"
#include "linux/token/pin_held.h"
#include "linux/token/pkcs11_token.h"

namespace holdfast::linux::token {

class Sessions {
 public:
  static Result<std::shared_ptr<Sessions>> start(Uri uri, Modules modules, Pin pin);
  ~Sessions();

  struct Session {
    CK_FUNCTION_LIST* module;
    CK_SESSION_HANDLE handle;
    std::uint64_t login;  ///< which one; handles of objects are good within one
  };
  using Work = std::function<CK_RV(const Session&)>;
  /// Does the work in a session of its own; once more, from its beginning, where the first was lost.
  Result<void> run(std::string_view what, const Work& work);

 private:
  Sessions(Uri uri, Modules modules, Pin pin)
      : uri_(std::move(uri)), modules_(std::move(modules)), pin_(std::move(pin)) {}
  Result<Session> take();
  void give_back(const Session& session, bool is_good);
  Result<void> log_in();
  void forget();
  Result<CK_SESSION_HANDLE> open_one();

  Uri uri_;
  Modules modules_;
  Pin pin_;
  std::mutex mutex_;
  std::condition_variable given_back_;
  std::optional<Modules::Slot> slot_;
  bool is_logged_in_ = false;
  std::uint64_t login_ = 0;
  std::size_t in_use_ = 0;
  std::vector<CK_SESSION_HANDLE> idle_;
};

}  // namespace holdfast::linux::token
