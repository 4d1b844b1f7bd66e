// What only a token behind PKCS#11 meets: PINs, sessions that are lost, modules that are not there, keys that must not
// leave.
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <p11-kit/pkcs11.h>

#include "linux/token/cryptoki_held.h"
#include "soft_hsm.h"
#include "trust/crypto/key.h"

namespace holdfast::tests {
namespace {

using namespace linux::token;

/// The module itself, past p11-kit: what an administrator's tool, or a reset of the token, does to a service.
class Behind {
 public:
  Behind() : library_(dlopen(SoftHsm::module().c_str(), RTLD_NOW | RTLD_LOCAL)) {
    REQUIRE(library_ != nullptr);
    const auto list = reinterpret_cast<CK_C_GetFunctionList>(dlsym(library_, "C_GetFunctionList"));
    REQUIRE(list(&module) == CKR_OK);
  }
  Behind(const Behind&) = delete;
  Behind& operator=(const Behind&) = delete;
  ~Behind() { dlclose(library_); }

  void log_out() {
    CK_SLOT_ID slots[16];
    CK_ULONG count = 16;
    REQUIRE(module->C_GetSlotList(CK_TRUE, slots, &count) == CKR_OK);
    CK_SESSION_HANDLE session = 0;
    REQUIRE(module->C_OpenSession(slots[0], CKF_SERIAL_SESSION, nullptr, nullptr, &session) == CKR_OK);
    REQUIRE(module->C_Logout(session) == CKR_OK);
    module->C_CloseSession(session);
  }
  void lose_every_session() {
    CK_SLOT_ID slots[16];
    CK_ULONG count = 16;
    REQUIRE(module->C_GetSlotList(CK_TRUE, slots, &count) == CKR_OK);
    for (CK_ULONG i = 0; i < count; ++i) module->C_CloseAllSessions(slots[i]);
  }

  CK_FUNCTION_LIST* module = nullptr;

 private:
  void* library_;
};

std::string_view refusal(TokenOptions options) {
  const auto opened = Pkcs11Token::open(std::move(options));
  return opened ? "success" : opened.error().reason.word();
}

bool signs(ports::Signer& signer) {
  const auto signature = signer.sign(as_bytes("x"));
  return signature && trust::crypto::PublicKey::from_spki(signer.public_key())
                          ->verify(trust::crypto::HashAlgorithm::Sha256, as_bytes("x"), *signature)
                          .has_value();
}

}  // namespace

TEST_CASE("a wrong PIN is tried once, by whichever process, and the right one after it") {
  auto hsm = SoftHsm::start();
  if (!hsm) return;
  CHECK(refusal(hsm->options("holdfast", "wrong")) == kTokenPinWrong.word());
  const auto again = Pkcs11Token::open(hsm->options("holdfast", "wrong"));
  REQUIRE_FALSE(again);
  CHECK(again.error().reason == kTokenPinWrong);
  CHECK(again.error().message.find("refused this PIN before") != std::string::npos);
  CHECK(again.error().message.find("wrong") == std::string::npos);
  CHECK(refusal(hsm->options()) == "success");
}

TEST_CASE("a session that is lost is opened again, with a login, and keys made before sign on") {
  auto hsm = SoftHsm::start();
  if (!hsm) return;
  auto token = Pkcs11Token::open(hsm->options());
  REQUIRE(token);
  const auto key = (*token)->make("one");
  REQUIRE(key);
  const auto signer = (*token)->open(key->reference);
  REQUIRE(signer);
  CHECK(signs(**signer));
  Behind behind;
  for (int i = 0; i < 3; ++i) {
    behind.lose_every_session();
    CHECK(signs(**signer));
  }
  behind.lose_every_session();
  CHECK((*token)->make("two"));
  behind.lose_every_session();
  CHECK((*token)->open(key->reference));
  behind.log_out();
  CHECK((*token)->open(key->reference));
  behind.log_out();
  CHECK(signs(**signer));
  behind.log_out();
  const auto again = (*token)->make("one");
  REQUIRE(again);
  CHECK(again->reference == key->reference);
}

TEST_CASE("keys outlive the process that made them, and each token has its own") {
  auto hsm = SoftHsm::start();
  if (!hsm) return;
  hsm->make_token("other");
  std::string reference;
  {
    auto token = Pkcs11Token::open(hsm->options());
    REQUIRE(token);
    reference = (*token)->make("one")->reference;
  }
  {
    auto token = Pkcs11Token::open(hsm->options());
    REQUIRE(token);
    const auto signer = (*token)->open(reference);
    REQUIRE(signer);
    CHECK(signs(**signer));
  }
  auto other = Pkcs11Token::open(hsm->options("other"));
  REQUIRE(other);
  CHECK((*other)->open(reference).error().reason == ports::kTokenKeyMissing);
}

TEST_CASE("a private key cannot be read out of the token") {
  auto hsm = SoftHsm::start();
  if (!hsm) return;
  auto token = Pkcs11Token::open(hsm->options());
  REQUIRE(token);
  REQUIRE((*token)->make("one"));
  Behind behind;
  CK_SLOT_ID slots[16];
  CK_ULONG count = 16;
  REQUIRE(behind.module->C_GetSlotList(CK_TRUE, slots, &count) == CKR_OK);
  CK_SESSION_HANDLE session = 0;
  REQUIRE(behind.module->C_OpenSession(slots[0], CKF_SERIAL_SESSION, nullptr, nullptr, &session) == CKR_OK);
  CK_OBJECT_CLASS kind = CKO_PRIVATE_KEY;
  CK_ATTRIBUTE wanted{CKA_CLASS, &kind, sizeof(kind)};
  REQUIRE(behind.module->C_FindObjectsInit(session, &wanted, 1) == CKR_OK);
  CK_OBJECT_HANDLE key = 0;
  REQUIRE(behind.module->C_FindObjects(session, &key, 1, &count) == CKR_OK);
  REQUIRE(count == 1);
  behind.module->C_FindObjectsFinal(session);
  unsigned char value[256];
  CK_ATTRIBUTE secret{CKA_VALUE, value, sizeof(value)};
  CHECK(behind.module->C_GetAttributeValue(session, key, &secret, 1) == CKR_ATTRIBUTE_SENSITIVE);
  CK_BBOOL flag = CK_TRUE;
  CK_ATTRIBUTE extractable{CKA_EXTRACTABLE, &flag, sizeof(flag)};
  CHECK(behind.module->C_GetAttributeValue(session, key, &extractable, 1) == CKR_OK);
  CHECK(flag == CK_FALSE);
}

TEST_CASE("a token that is full, and one that is locked, are told from one that is away") {
  CHECK(error_of(CKR_DEVICE_MEMORY, "make a key").reason == ports::kTokenFull);
  CHECK(error_of(CKR_DEVICE_MEMORY, "make a key").next == Next::Exhausted);
  CHECK(error_of(CKR_PIN_LOCKED, "let us log in").reason == kTokenLocked);
  CHECK(error_of(CKR_DEVICE_REMOVED, "sign").next == Next::Retry);
  CHECK(is_lost(CKR_DEVICE_REMOVED));
  CHECK_FALSE(is_lost(CKR_DEVICE_MEMORY));
  CHECK(error_of(0x80000001, "sign").message.find("2147483649") != std::string::npos);
}

TEST_CASE("what stands in the way of a token is said") {
  auto hsm = SoftHsm::start();
  if (!hsm) return;
  const auto with_uri = [&](std::string uri) {
    auto options = hsm->options();
    options.uri = std::move(uri);
    return refusal(std::move(options));
  };
  CHECK(with_uri("pkcs11:token=holdfast?module-path=/nowhere/module.so") == kTokenModuleMissing.word());
  CHECK(with_uri(hsm->uri("nobodys")) == kTokenMissing.word());
  CHECK(with_uri("file:/etc/key") == kTokenUriWrong.word());
  CHECK(with_uri("pkcs11:token=holdfast;colour=red?module-path=" + SoftHsm::module()) == kTokenUriWrong.word());
  CHECK(with_uri(hsm->uri("holdfast") + "&pin-value=2468-right") == kTokenUriWrong.word());
  if (std::filesystem::exists("/usr/share/p11-kit/modules/softhsm2.module")) {
    CHECK(with_uri("pkcs11:token=holdfast") == "success");
    CHECK(with_uri("pkcs11:token=nobodys") == kTokenMissing.word());
  }
  hsm->make_token("second");
  CHECK(with_uri("pkcs11:manufacturer=SoftHSM%20project?module-path=" + SoftHsm::module()) == kTokenMissing.word());
  auto without = hsm->options();
  without.pin_file.reset();
  CHECK(refusal(std::move(without)) == kTokenPinMissing.word());
  auto by_uri = hsm->options();
  by_uri.uri += "&pin-source=file:" + by_uri.pin_file->string();
  by_uri.pin_file.reset();
  CHECK(refusal(std::move(by_uri)) == "success");
  auto exposed = hsm->options();
  std::filesystem::permissions(*exposed.pin_file, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  CHECK(refusal(std::move(exposed)) != "success");
}

}  // namespace holdfast::tests
