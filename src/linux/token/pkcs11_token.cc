#include "linux/token/pkcs11_token.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/text.h"
#include "linux/system/random.h"
#include "linux/token/sessions_held.h"
#include "trust/crypto/key.h"

namespace holdfast::linux::token {
namespace {

constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kCoordinateBytes = 32;
/// secp256r1 as an OBJECT IDENTIFIER (RFC 5480 §2.1.1.1).
constexpr std::array<std::uint8_t, 10> kP256 = {0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};

CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, const void* value, std::size_t size) {
  return {type, const_cast<void*>(value), size};  // a template is only read
}
template <class T>
CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, const T& value) {
  return attribute(type, &value, sizeof(value));
}
CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, Bytes value) { return attribute(type, value.data(), value.size()); }

constexpr CK_BBOOL kTrue = CK_TRUE;
constexpr CK_BBOOL kFalse = CK_FALSE;
constexpr CK_OBJECT_CLASS kPrivateKey = CKO_PRIVATE_KEY;
constexpr CK_OBJECT_CLASS kPublicKey = CKO_PUBLIC_KEY;

using Session = Sessions::Session;

/// Who is not logged in sees no private key, which is not to say that there is none.
CK_RV require_login(const Session& session) {
  CK_SESSION_INFO info{};
  const CK_RV value = session.module->C_GetSessionInfo(session.handle, &info);
  if (value != CKR_OK) return value;
  return info.state == CKS_RW_USER_FUNCTIONS ? CKR_OK : CKR_USER_NOT_LOGGED_IN;
}

/// The first object that fits; CK_INVALID_HANDLE where there is none.
CK_RV find_object(const Session& session, std::vector<CK_ATTRIBUTE> wanted, CK_OBJECT_HANDLE& out) {
  out = CK_INVALID_HANDLE;
  CK_RV value = session.module->C_FindObjectsInit(session.handle, wanted.data(), wanted.size());
  if (value != CKR_OK) return value;
  CK_ULONG found = 0;
  value = session.module->C_FindObjects(session.handle, &out, 1, &found);
  session.module->C_FindObjectsFinal(session.handle);
  if (found > 0) return value;
  out = CK_INVALID_HANDLE;
  return value == CKR_OK ? require_login(session) : value;
}

CK_RV read_attribute(const Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, Blob& out) {
  constexpr std::size_t kBytesMax = 512;
  out.resize(kBytesMax);
  CK_ATTRIBUTE wanted{type, out.data(), out.size()};
  const CK_RV value = session.module->C_GetAttributeValue(session.handle, object, &wanted, 1);
  out.resize(value == CKR_OK ? std::min<std::size_t>(wanted.ulValueLen, kBytesMax) : 0);
  return value;
}

CK_RV generate(const Session& session, const std::string& label, Bytes id) {
  CK_MECHANISM mechanism{CKM_EC_KEY_PAIR_GEN, nullptr, 0};
  std::vector<CK_ATTRIBUTE> public_key = {attribute(CKA_TOKEN, kTrue), attribute(CKA_VERIFY, kTrue),
                                          attribute(CKA_ID, id), attribute(CKA_LABEL, as_bytes(label)),
                                          attribute(CKA_EC_PARAMS, Bytes(kP256))};
  std::vector<CK_ATTRIBUTE> private_key = {attribute(CKA_TOKEN, kTrue),          attribute(CKA_PRIVATE, kTrue),
                                           attribute(CKA_SENSITIVE, kTrue),      attribute(CKA_SIGN, kTrue),
                                           attribute(CKA_EXTRACTABLE, kFalse),   attribute(CKA_ID, id),
                                           attribute(CKA_LABEL, as_bytes(label))};
  CK_OBJECT_HANDLE made_public = CK_INVALID_HANDLE;
  CK_OBJECT_HANDLE made_private = CK_INVALID_HANDLE;
  return session.module->C_GenerateKeyPair(session.handle, &mechanism, public_key.data(), public_key.size(),
                                           private_key.data(), private_key.size(), &made_public, &made_private);
}

/// CKA_EC_POINT is a DER OCTET STRING with the uncompressed point in it; some tokens leave the wrapping out.
Result<Blob> spki_of(Bytes point) {
  constexpr std::size_t kPointBytes = 1 + 2 * kCoordinateBytes;
  if (point.size() == kPointBytes + 2 && point[0] == 0x04 && point[1] == kPointBytes) point = point.subspan(2);
  if (point.size() != kPointBytes || point[0] != 0x04) {
    return fail(Next::Corrupt, kTokenUnfit,
                cat("expected an uncompressed point of P-256 from the token, saw ", point.size(), " other bytes"));
  }
  const auto key = TRY(trust::crypto::PublicKey::from_point(
      trust::crypto::KeyKind::EcP256,
      {to_blob(point.subspan(1, kCoordinateBytes)), to_blob(point.subspan(1 + kCoordinateBytes))}));
  return key.spki();
}

std::string reference_of(Bytes id) {
  std::string out = "pkcs11:type=private;id=";
  const std::string hex = to_hex(id);
  for (std::size_t i = 0; i < hex.size(); i += 2) out += cat("%", hex.substr(i, 2));
  return out;
}

Result<Blob> id_in(const std::string& reference) {
  const Uri uri = TRY(parse_uri(reference));
  const CK_ATTRIBUTE* id = p11_kit_uri_get_attribute(uri.get(), CKA_ID);
  if (id == nullptr || id->ulValueLen == 0) {
    return fail(Next::Corrupt, kTokenUriWrong, "expected a reference with the key's id, saw one without");
  }
  const auto* at = static_cast<const std::uint8_t*>(id->pValue);
  return Blob(at, at + id->ulValueLen);
}

std::unexpected<Error> no_such_key(const std::string& reference) {
  return fail(Next::NotFound, ports::kTokenKeyMissing,
              cat("expected the key ", printable(reference), " in the token, saw none"));
}

/// Finds its key again after every login.
class TokenSigner final : public ports::Signer {
 public:
  TokenSigner(std::shared_ptr<Sessions> sessions, std::string reference, Blob id, Blob public_key)
      : sessions_(std::move(sessions)),
        reference_(std::move(reference)),
        id_(std::move(id)),
        public_key_(std::move(public_key)) {}

  Blob public_key() override { return public_key_; }

  Result<Blob> sign(Bytes message) override {
    const Digest256 digest = trust::crypto::sha256(message);
    ByteArray<2 * kCoordinateBytes> signature{};
    bool is_there = true;
    TRY(sessions_->run("sign", [&](const Session& session) -> CK_RV {
      CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
      if (const CK_RV value = key_in(session, key); value != CKR_OK) return value;
      is_there = key != CK_INVALID_HANDLE;
      return is_there ? sign_with(session, key, digest, signature) : CKR_OK;
    }));
    if (!is_there) return no_such_key(reference_);
    const Bytes all(signature);
    return trust::crypto::ecdsa_to_der(all.first(kCoordinateBytes), all.subspan(kCoordinateBytes));
  }

 private:
  CK_RV key_in(const Session& session, CK_OBJECT_HANDLE& out) {
    {
      const std::lock_guard lock(mutex_);
      if (login_ == session.login) {
        out = handle_;
        return CKR_OK;
      }
    }
    const CK_RV value = find_object(session, {attribute(CKA_CLASS, kPrivateKey), attribute(CKA_ID, Bytes(id_))}, out);
    if (value != CKR_OK || out == CK_INVALID_HANDLE) return value;
    const std::lock_guard lock(mutex_);
    login_ = session.login;
    handle_ = out;
    return CKR_OK;
  }

  static CK_RV sign_with(const Session& session, CK_OBJECT_HANDLE key, Digest256 digest, std::span<std::uint8_t> out) {
    CK_MECHANISM mechanism{CKM_ECDSA, nullptr, 0};
    const CK_RV value = session.module->C_SignInit(session.handle, &mechanism, key);
    if (value != CKR_OK) return value;
    CK_ULONG size = out.size();
    const CK_RV made = session.module->C_Sign(session.handle, digest.data(), digest.size(), out.data(), &size);
    return made == CKR_OK && size != out.size() ? CKR_FUNCTION_FAILED : made;
  }

  std::shared_ptr<Sessions> sessions_;
  std::string reference_;
  Blob id_;
  Blob public_key_;
  std::mutex mutex_;
  std::uint64_t login_ = 0;
  CK_OBJECT_HANDLE handle_ = CK_INVALID_HANDLE;
};

}  // namespace

Result<std::unique_ptr<Pkcs11Token>> Pkcs11Token::open(TokenOptions options) {
  Uri uri = TRY(parse_uri(options.uri));
  Pin pin = TRY(Pin::read(uri, std::move(options)));
  Modules modules = TRY(Modules::load(uri));
  auto sessions = TRY(Sessions::start(std::move(uri), std::move(modules), std::move(pin)));
  return std::unique_ptr<Pkcs11Token>(new Pkcs11Token(std::move(sessions)));
}

Pkcs11Token::~Pkcs11Token() = default;

Result<ports::Token::Key> Pkcs11Token::make(const std::string& label) {
  ByteArray<kIdBytes> fresh{};
  system::SystemRandom().fill(fresh);
  Blob id;
  Blob point;
  TRY(sessions_->run("make a key", [&](const Session& session) -> CK_RV {
    const std::vector<CK_ATTRIBUTE> wanted = {attribute(CKA_CLASS, kPrivateKey), attribute(CKA_LABEL, as_bytes(label))};
    CK_OBJECT_HANDLE there = CK_INVALID_HANDLE;
    CK_RV value = find_object(session, wanted, there);
    if (value == CKR_OK && there == CK_INVALID_HANDLE) {
      value = generate(session, label, fresh);
      if (value == CKR_OK) value = find_object(session, wanted, there);
    }
    if (value == CKR_OK) value = read_attribute(session, there, CKA_ID, id);
    if (value != CKR_OK) return value;
    value = find_object(session, {attribute(CKA_CLASS, kPublicKey), attribute(CKA_ID, Bytes(id))}, there);
    return value == CKR_OK ? read_attribute(session, there, CKA_EC_POINT, point) : value;
  }));
  Blob public_key = TRY(spki_of(point));
  return Key{reference_of(id), std::move(public_key)};
}

Result<std::shared_ptr<ports::Signer>> Pkcs11Token::open(const std::string& reference) {
  Blob id = TRY(id_in(reference));
  Blob point;
  bool is_there = false;
  TRY(sessions_->run("find a key", [&](const Session& session) -> CK_RV {
    is_there = false;
    for (const CK_OBJECT_CLASS& kind : {kPrivateKey, kPublicKey}) {
      CK_OBJECT_HANDLE there = CK_INVALID_HANDLE;
      CK_RV value = find_object(session, {attribute(CKA_CLASS, kind), attribute(CKA_ID, Bytes(id))}, there);
      if (value != CKR_OK || there == CK_INVALID_HANDLE) return value;
      if (kind == kPublicKey) value = read_attribute(session, there, CKA_EC_POINT, point);
      if (value != CKR_OK) return value;
    }
    is_there = true;
    return CKR_OK;
  }));
  if (!is_there) return no_such_key(reference);
  Blob spki = TRY(spki_of(point));
  return std::make_shared<TokenSigner>(sessions_, reference, std::move(id), std::move(spki));
}

Result<void> Pkcs11Token::destroy(const std::string& reference) {
  const Blob id = TRY(id_in(reference));
  return sessions_->run("destroy a key", [&](const Session& session) -> CK_RV {
    for (const CK_OBJECT_CLASS& kind : {kPrivateKey, kPublicKey}) {
      CK_OBJECT_HANDLE there = CK_INVALID_HANDLE;
      CK_RV value = find_object(session, {attribute(CKA_CLASS, kind), attribute(CKA_ID, Bytes(id))}, there);
      if (value == CKR_OK && there != CK_INVALID_HANDLE) value = session.module->C_DestroyObject(session.handle, there);
      if (value != CKR_OK) return value;
    }
    return CKR_OK;
  });
}

}  // namespace holdfast::linux::token
