#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "linux/token/cryptoki_held.h"
#include "linux/token/pkcs11_token.h"
#include "ports/token.h"

namespace holdfast::linux::token {
namespace {

struct Named {
  CK_RV value;
  std::string_view name;
  Next next;
  Reason reason;
};

constexpr Next kRetry = Next::Retry;
constexpr Reason kFailed = ports::kTokenFailed;
constexpr auto kNames = std::to_array<Named>({
    {CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT", Next::Denied, kTokenPinWrong},
    {CKR_PIN_LEN_RANGE, "CKR_PIN_LEN_RANGE", Next::Denied, kTokenPinWrong},
    {CKR_PIN_EXPIRED, "CKR_PIN_EXPIRED", Next::Denied, kTokenPinWrong},
    {CKR_PIN_LOCKED, "CKR_PIN_LOCKED", Next::Denied, kTokenLocked},
    {CKR_USER_PIN_NOT_INITIALIZED, "CKR_USER_PIN_NOT_INITIALIZED", Next::Denied, kTokenPinWrong},
    {CKR_DEVICE_MEMORY, "CKR_DEVICE_MEMORY", Next::Exhausted, ports::kTokenFull},
    {CKR_SESSION_COUNT, "CKR_SESSION_COUNT", Next::Exhausted, kFailed},
    {CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID", Next::Rejected, kTokenUnfit},
    {CKR_TEMPLATE_INCONSISTENT, "CKR_TEMPLATE_INCONSISTENT", Next::Rejected, kTokenUnfit},
    {CKR_ATTRIBUTE_VALUE_INVALID, "CKR_ATTRIBUTE_VALUE_INVALID", Next::Rejected, kTokenUnfit},
    {CKR_DOMAIN_PARAMS_INVALID, "CKR_DOMAIN_PARAMS_INVALID", Next::Rejected, kTokenUnfit},
    {CKR_TOKEN_WRITE_PROTECTED, "CKR_TOKEN_WRITE_PROTECTED", Next::Rejected, kTokenUnfit},
    {CKR_SESSION_READ_ONLY, "CKR_SESSION_READ_ONLY", Next::Rejected, kTokenUnfit},
    {CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR", kRetry, kFailed},
    {CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED", kRetry, kFailed},
    {CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT", kRetry, kFailed},
    {CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_HANDLE_INVALID", kRetry, kFailed},
    {CKR_SESSION_CLOSED, "CKR_SESSION_CLOSED", kRetry, kFailed},
    {CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN", kRetry, kFailed},
    {CKR_KEY_HANDLE_INVALID, "CKR_KEY_HANDLE_INVALID", kRetry, kFailed},
    {CKR_OBJECT_HANDLE_INVALID, "CKR_OBJECT_HANDLE_INVALID", kRetry, kFailed},
    {CKR_GENERAL_ERROR, "CKR_GENERAL_ERROR", kRetry, kFailed},
    {CKR_FUNCTION_FAILED, "CKR_FUNCTION_FAILED", kRetry, kFailed},
    {CKR_HOST_MEMORY, "CKR_HOST_MEMORY", kRetry, kFailed},
    {CKR_CRYPTOKI_NOT_INITIALIZED, "CKR_CRYPTOKI_NOT_INITIALIZED", kRetry, kFailed},
});

const Named* find_name(CK_RV value) {
  const auto* const found = std::ranges::find(kNames, value, &Named::value);
  return found == kNames.end() ? nullptr : found;
}

constexpr CK_ULONG kSlotsMax = 256;

Result<std::vector<CK_SLOT_ID>> slots_of(CK_FUNCTION_LIST* module) {
  std::vector<CK_SLOT_ID> out(kSlotsMax);
  CK_ULONG count = kSlotsMax;
  TRY(done(module->C_GetSlotList(CK_TRUE, out.data(), &count), "list the tokens"));
  out.resize(count);
  return out;
}

std::string without_trailing_newline(const char* text) {
  std::string out = text == nullptr ? "" : text;
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

}  // namespace

std::string name_of(CK_RV value) {
  const Named* named = find_name(value);
  return named != nullptr ? std::string(named->name) : cat("CKR ", value);
}

bool is_lost(CK_RV value) {
  constexpr CK_RV kLost[] = {CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED,    CKR_USER_NOT_LOGGED_IN,
                             CKR_DEVICE_REMOVED,         CKR_TOKEN_NOT_PRESENT, CKR_KEY_HANDLE_INVALID,
                             CKR_OBJECT_HANDLE_INVALID,  CKR_DEVICE_ERROR};
  return std::ranges::find(kLost, value) != std::end(kLost);
}

Error error_of(CK_RV value, std::string_view what) {
  const Named* named = find_name(value);
  const std::string message = cat("expected the token to ", what, ", it answered ", name_of(value));
  return named != nullptr ? Error{named->next, named->reason, message} : Error{kRetry, kFailed, message};
}

Result<void> done(CK_RV value, std::string_view what) {
  if (value == CKR_OK) return {};
  return std::unexpected(error_of(value, what));
}

Result<Uri> parse_uri(const std::string& text) {
  Uri uri(p11_kit_uri_new());
  if (!uri) return fail(Next::Exhausted, ports::kTokenFailed, "expected memory for a PKCS#11 URI, there is none");
  const int status = p11_kit_uri_parse(text.c_str(), P11_KIT_URI_FOR_ANY, uri.get());
  if (p11_kit_uri_get_pin_value(uri.get()) != nullptr) {
    return fail(Next::Rejected, kTokenUriWrong, "expected the PIN in a file (pin-source), saw it in the PKCS#11 URI");
  }
  if (status != P11_KIT_URI_OK) {
    return fail(Next::Rejected, kTokenUriWrong,
                cat("expected a PKCS#11 URI (RFC 7512) such as pkcs11:token=holdfast, saw '", printable(text, 120),
                    "': ", without_trailing_newline(p11_kit_uri_message(status))));
  }
  if (p11_kit_uri_any_unrecognized(uri.get()) != 0) {
    return fail(Next::Rejected, kTokenUriWrong,
                cat("expected a PKCS#11 URI with attributes of RFC 7512, saw another in '", printable(text, 120), "'"));
  }
  return uri;
}

Modules::Modules(Modules&& other) noexcept
    : one_(std::exchange(other.one_, nullptr)), configured_(std::exchange(other.configured_, nullptr)) {}

Modules::~Modules() {
  if (configured_ != nullptr) p11_kit_modules_finalize_and_release(configured_);
  if (one_ == nullptr) return;
  p11_kit_module_finalize(one_);
  p11_kit_module_release(one_);
}

Result<Modules> Modules::load(const Uri& uri) {
  Modules out;
  if (const char* path = p11_kit_uri_get_module_path(uri.get()); path != nullptr) {
    CK_FUNCTION_LIST* module = p11_kit_module_load(path, P11_KIT_MODULE_CRITICAL);
    if (module == nullptr) {
      return fail(Next::NotFound, kTokenModuleMissing,
                  cat("expected a PKCS#11 module in ", printable(path),
                      ", could not load it: ", printable(without_trailing_newline(p11_kit_message()))));
    }
    if (const CK_RV value = p11_kit_module_initialize(module); value != CKR_OK) {
      p11_kit_module_release(module);
      return std::unexpected(error_of(value, cat("start the module ", printable(path))));
    }
    out.one_ = module;
    return out;
  }
  out.configured_ = p11_kit_modules_load_and_initialize(0);
  if (out.configured_ != nullptr) return out;
  return fail(Next::NotFound, kTokenModuleMissing,
              cat("expected module-path in the URI or modules in p11-kit's configuration, saw neither: ",
                  printable(without_trailing_newline(p11_kit_message()))));
}

Result<Modules::Slot> Modules::find(const Uri& uri) const {
  std::vector<CK_FUNCTION_LIST*> modules;
  if (one_ != nullptr) modules.push_back(one_);
  for (CK_FUNCTION_LIST** at = configured_; at != nullptr && *at != nullptr; ++at) modules.push_back(*at);
  std::vector<Slot> fitting;
  std::vector<std::string> seen;
  for (CK_FUNCTION_LIST* module : modules) {
    for (const CK_SLOT_ID id : TRY(slots_of(module))) {
      CK_TOKEN_INFO info{};
      if (module->C_GetTokenInfo(id, &info) != CKR_OK) continue;
      seen.push_back(cat("'", printable(unpadded(info.label), 40), "'"));
      if ((info.flags & CKF_TOKEN_INITIALIZED) == 0 || p11_kit_uri_match_token_info(uri.get(), &info) != 1) continue;
      fitting.push_back({module, id, info});
    }
  }
  if (fitting.size() == 1) return fitting.front();
  return fail(fitting.empty() ? Next::NotFound : Next::Rejected, kTokenMissing,
              cat("expected one token that the PKCS#11 URI fits, saw ", fitting.size(), " of ",
                  seen.empty() ? "none" : join(seen, ", ")));
}

}  // namespace holdfast::linux::token
