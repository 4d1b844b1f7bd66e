#include "cli/owner/signers.h"

#include <algorithm>
#include <map>

#include "base/encoding.h"
#include "base/percent.h"
#include "base/text.h"
#include "trust/crypto/hash.h"

namespace holdfast::cli::owner {
namespace {

namespace tuf = trust::tuf;
using trust::crypto::HashAlgorithm;
using trust::crypto::PrivateKey;
using trust::crypto::PublicKey;

constexpr std::string_view kInfix = "-key-";
constexpr std::string_view kPrivate = ".pem";
constexpr std::string_view kInToken = ".uri";
constexpr std::string_view kPublic = ".pub";
constexpr std::string_view kScheme = "pkcs11:";
constexpr std::string_view kPinSource = "pin-source=";
constexpr std::string_view kRefusedPin = "token-pin-refused";
constexpr std::string_view kDigestKey = "token-pin-digest.key";
constexpr std::string_view kNameAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789-";
constexpr std::size_t kNameBytesMax = 48;
constexpr std::size_t kDigestKeyBytes = 32;
constexpr std::size_t kKeysInFolderMax = 256;

class FileSigner final : public ports::Signer {
 public:
  explicit FileSigner(PrivateKey key) : key_(std::move(key)) {}
  Blob public_key() override { return key_.public_key().spki(); }
  Result<Blob> sign(Bytes message) override { return key_.sign(HashAlgorithm::Sha256, message); }

 private:
  PrivateKey key_;
};

/// The role and the number of `targets-key-2.pem`; none where a name is not of this form.
struct KeyName {
  std::string_view role;
  std::size_t number = 0;
};
std::optional<KeyName> key_name(std::string_view file, std::string_view suffix) {
  if (!file.ends_with(suffix)) return std::nullopt;
  file.remove_suffix(suffix.size());
  const std::size_t at = file.rfind(kInfix);
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  const std::string_view digits = file.substr(at + kInfix.size());
  constexpr std::size_t kDigitsMax = 6;
  if (digits.empty() || digits.size() > kDigitsMax || digits.find_first_not_of("0123456789") != digits.npos) {
    return std::nullopt;
  }
  KeyName out{file.substr(0, at)};
  for (const char digit : digits) out.number = out.number * 10 + static_cast<std::size_t>(digit - '0');
  return out;
}

/// The URI with one more attribute in its path or its query (RFC 7512 §2.3).
std::string with_path_attribute(std::string_view uri, std::string_view attribute) {
  const std::size_t query = std::min(uri.find('?'), uri.size());
  const std::string_view path = uri.substr(0, query);
  return cat(path, path == kScheme ? "" : ";", attribute, uri.substr(query));
}
std::string with_query_attribute(std::string_view uri, std::string_view attribute) {
  return cat(uri, uri.find('?') == std::string_view::npos ? "?" : "&", attribute);
}
/// Which token it is, without the key: a URI's attributes of an object are id, object and type.
std::string token_of(std::string_view uri) {
  const std::size_t query = std::min(uri.find('?'), uri.size());
  std::vector<std::string> kept;
  for (const std::string_view part : split(uri.substr(kScheme.size(), query - kScheme.size()), ';')) {
    const bool is_of_object = part.starts_with("id=") || part.starts_with("object=") || part.starts_with("type=");
    if (!is_of_object) kept.emplace_back(part);
  }
  return cat(kScheme, join(kept, ";"), uri.substr(query));
}

/// The tokens that one folder's keys are in.
class Tokens {
 public:
  Tokens(World& world, const std::string& folder) : world_(world), folder_(folder) {}

  Result<ports::Token*> open(const std::string& uri) {
    if (const auto known = open_.find(uri); known != open_.end()) return known->second.get();
    if (!world_.open_token) {
      return fail(Next::Rejected, kTokenUnreachable, "expected a program that reaches tokens, this one does not");
    }
    Secret key = TRY(digest_key());
    auto token = TRY(world_.open_token({uri, cat(folder_, "/", kRefusedPin), std::move(key)}));
    return open_.emplace(uri, std::move(token)).first->second.get();
  }
  Result<std::shared_ptr<ports::Signer>> signer(const std::string& uri) {
    ports::Token* token = TRY(open(token_of(uri)));
    return token->open(uri);
  }

 private:
  Result<Secret> digest_key() {
    const std::string file = cat(folder_, "/", kDigestKey);
    auto known = world_.files.read_private(file, kDigestKeyBytes);
    if (known || known.error().next != Next::NotFound) return known;
    Secret made = ports::random_secret(world_.random, kDigestKeyBytes);
    TRY(world_.files.create(file, made.expose(), Access::OwnerOnly));
    return made;
  }

  World& world_;
  const std::string& folder_;
  std::map<std::string, std::unique_ptr<ports::Token>, std::less<>> open_;
};

Result<std::string> read_uri(Files& files, const std::string& file) {
  const Blob bytes = TRY(files.read(file, kKeyUriBytesMax));
  std::string uri(trim(as_text(bytes)));
  if (uri.starts_with(kScheme) && uri.find('\n') == std::string::npos) return uri;
  return fail(Next::Rejected, kKeyUriMalformed,
              cat("expected a pkcs11: URI in ", printable(file), ", saw another text"));
}

Result<std::shared_ptr<ports::Signer>> read_with(World& world, Tokens& tokens, const std::string& file) {
  if (file.ends_with(kInToken)) return tokens.signer(TRY(read_uri(world.files, file)));
  return signer_of(TRY(read_key(world.files, file)));
}

/// The newest first.
Result<std::vector<std::string>> files_of(Files& files, const std::string& folder, std::string_view role) {
  std::multimap<std::size_t, std::string, std::greater<>> found;
  for (const std::string& name : TRY(files.names_in(folder))) {
    for (const std::string_view suffix : {kPrivate, kInToken}) {
      const auto parts = key_name(name, suffix);
      if (parts && parts->role == role) found.emplace(parts->number, cat(folder, "/", name));
    }
  }
  std::vector<std::string> out;
  for (auto& [number, file] : found) out.push_back(std::move(file));
  return out;
}

Result<std::size_t> next_number(Files& files, const std::string& folder, std::string_view role) {
  std::size_t next = 1;
  for (const std::string& name : TRY(files.names_in(folder))) {
    for (const std::string_view suffix : {kPrivate, kInToken, kPublic}) {
      const auto parts = key_name(name, suffix);
      if (parts && parts->role == role) next = std::max(next, parts->number + 1);
    }
  }
  return next;
}

/// What the key is called in the token: for ever the same, so that an attempt that was cut off leaves no second one.
Result<std::string> label_of(Files& files, const std::string& folder, std::string_view name) {
  const auto root = files.read(cat(folder, "/1.root.json"), tuf::kEnvelopeBytesMax);
  constexpr std::size_t kDigits = 12;
  const std::string whose = root ? to_hex(trust::crypto::sha256(*root)).substr(0, kDigits) : std::string("maker");
  return cat("holdfast-", whose, "-", name);
}

Result<std::shared_ptr<ports::Signer>> make_in_token(World& world, const std::string& folder, const std::string& name,
                                                     const NewKey& wanted) {
  std::string uri = *wanted.token;
  if (!uri.starts_with(kScheme)) {
    return fail(Next::Rejected, kKeyUriMalformed, cat("expected a pkcs11: URI, saw '", printable(uri, 80), "'"));
  }
  if (wanted.token_pin)
    uri = with_query_attribute(uri, cat(kPinSource, "file:", percent_encoded(*wanted.token_pin, "/")));
  Tokens tokens(world, folder);
  ports::Token* token = TRY(tokens.open(token_of(uri)));
  const auto made = TRY(token->make(TRY(label_of(world.files, folder, name))));
  const std::string place = with_path_attribute(token_of(uri), std::string_view(made.reference).substr(kScheme.size()));
  TRY(world.files.create(cat(folder, "/", name, kInToken), as_bytes(place + "\n"), Access::OwnerOnly));
  return token->open(made.reference);
}

}  // namespace

std::shared_ptr<ports::Signer> signer_of(PrivateKey key) { return std::make_shared<FileSigner>(std::move(key)); }

Result<Signers> keys_in(World& world, const std::string& folder) {
  Signers out;
  Tokens tokens(world, folder);
  for (const std::string& name : TRY(world.files.names_in(folder))) {
    if (!key_name(name, kPrivate) && !key_name(name, kInToken)) continue;
    if (out.size() == kKeysInFolderMax) {
      return fail(Next::Exhausted, kKeyNameWrong, cat("expected at most ", kKeysInFolderMax, " keys in a folder"));
    }
    out.push_back(TRY(read_with(world, tokens, cat(folder, "/", name))));
  }
  return out;
}

Result<std::shared_ptr<ports::Signer>> newest_key(World& world, const std::string& folder, std::string_view role) {
  const auto files = TRY(files_of(world.files, folder, role));
  if (files.empty()) return nullptr;
  return read_signer(world, folder, files.front());
}

Result<std::vector<PrivateKey>> private_keys_of(World& world, const std::string& folder, std::string_view role) {
  std::vector<PrivateKey> out;
  for (const std::string& file : TRY(files_of(world.files, folder, role))) {
    if (file.ends_with(kPrivate)) out.push_back(TRY(read_key(world.files, file)));
  }
  return out;
}

Result<Signers> keys_of(World& world, const std::string& folder, std::string_view role) {
  Signers out;
  Tokens tokens(world, folder);
  for (const std::string& file : TRY(files_of(world.files, folder, role))) {
    out.push_back(TRY(read_with(world, tokens, file)));
  }
  return out;
}

Result<std::shared_ptr<ports::Signer>> read_signer(World& world, const std::string& folder, const std::string& file) {
  Tokens tokens(world, folder);
  return read_with(world, tokens, file);
}

Result<MadeKey> make_key(World& world, const std::string& folder, const NewKey& wanted) {
  const bool is_name = !wanted.role.empty() && wanted.role.size() <= kNameBytesMax &&
                       wanted.role.find_first_not_of(kNameAlphabet) == std::string::npos;
  if (!is_name) {
    return fail(Next::Rejected, kKeyNameWrong,
                cat("expected a name of a-z, 0-9 and hyphens for a key, saw '", printable(wanted.role, 60), "'"));
  }
  TRY(world.files.make_private_folder(folder));
  const std::string name = cat(wanted.role, kInfix, TRY(next_number(world.files, folder, wanted.role)));
  MadeKey out;
  if (wanted.token) {
    out.signer = TRY(make_in_token(world, folder, name, wanted));
    out.file = cat(folder, "/", name, kInToken);
  } else {
    PrivateKey key = new_key(world.random);
    out.file = cat(folder, "/", name, kPrivate);
    TRY(write_key(world.files, out.file, key));
    out.signer = signer_of(std::move(key));
  }
  TRY(world.files.write(cat(folder, "/", name, kPublic), as_bytes(tuf::spki_to_pem(out.signer->public_key())),
                        Access::Everyone));
  return out;
}

Result<PublicKey> public_key_of(ports::Signer& signer) { return PublicKey::from_spki(signer.public_key()); }

Result<PublicKey> read_public_key(Files& files, const std::string& file) {
  const Blob pem = TRY(files.read(file, kKeyFileBytesMax));
  auto spki = tuf::spki_from_pem(as_text(pem));
  if (!spki) return fail_within(printable(file), std::move(spki).error());
  return PublicKey::from_spki(*spki);
}

Result<std::size_t> sign_with(tuf::Envelope& envelope, const Signers& keys, const std::vector<tuf::KeyId>& holders) {
  std::size_t signed_by = 0;
  for (const auto& signer : keys) {
    const tuf::Key named = TRY(tuf::make_key(TRY(public_key_of(*signer))));
    if (std::ranges::find(holders, named.id) == holders.end()) continue;
    TRY(tuf::add_signature(envelope, named, TRY(signer->sign(envelope.to_be_signed))));
    ++signed_by;
  }
  return signed_by;
}

Result<std::size_t> held_by(const Signers& keys, const std::vector<tuf::KeyId>& holders) {
  std::size_t out = 0;
  for (const auto& signer : keys) {
    const tuf::Key named = TRY(tuf::make_key(TRY(public_key_of(*signer))));
    out += std::ranges::find(holders, named.id) != holders.end() ? 1U : 0U;
  }
  return out;
}

}  // namespace holdfast::cli::owner
