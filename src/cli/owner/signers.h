// The keys that a folder signs with: `<role>-key-<n>.pem` is a private key, `<role>-key-<n>.uri` says where one is in a
// token (RFC 7512). Both sign the same; what is in a token never leaves it. `<role>-key-<n>.pub` is the public half,
// for whoever gives the key its role.
#pragma once

#include "cli/owner/keys.h"
#include "ports/signer.h"

namespace holdfast::cli::owner {

inline constexpr Reason kTokenUnreachable{"token-unreachable"};
inline constexpr Reason kKeyNameWrong{"key-name-wrong"};
inline constexpr Reason kKeyUriMalformed{"key-uri-malformed"};

inline constexpr std::size_t kKeyUriBytesMax = 4096;

using Signers = std::vector<std::shared_ptr<ports::Signer>>;

std::shared_ptr<ports::Signer> signer_of(trust::crypto::PrivateKey key);

/// All of a folder, tokens logged in to once each.
Result<Signers> keys_in(World& world, const std::string& folder);
/// The newest key of a folder whose name begins with this role's; null where there is none.
Result<std::shared_ptr<ports::Signer>> newest_key(World& world, const std::string& folder, std::string_view role);
/// All of them, the newest first.
Result<Signers> keys_of(World& world, const std::string& folder, std::string_view role);
/// Those of them that are in files, for what a token does not do: to open what was sealed to them.
Result<std::vector<trust::crypto::PrivateKey>> private_keys_of(World& world, const std::string& folder,
                                                               std::string_view role);
/// Of one file, `.uri` or PEM, wherever it lies. `folder` remembers a PIN that was refused.
Result<std::shared_ptr<ports::Signer>> read_signer(World& world, const std::string& folder, const std::string& file);

/// Where a new key is to be made.
struct NewKey {
  std::string role;                           ///< its name begins so: a-z, 0-9 and hyphens
  std::optional<std::string> token = {};      ///< the URI of the token; none: in a file
  std::optional<std::string> token_pin = {};  ///< the file with its PIN, where the URI has no pin-source
};
struct MadeKey {
  std::shared_ptr<ports::Signer> signer;
  std::string file;
};
/// Under the number behind all of its role. Makes the folder where there is none.
Result<MadeKey> make_key(World& world, const std::string& folder, const NewKey& wanted);

Result<trust::crypto::PublicKey> public_key_of(ports::Signer& signer);
/// SubjectPublicKeyInfo as PEM.
Result<trust::crypto::PublicKey> read_public_key(Files& files, const std::string& file);

/// Adds the signatures of those keys that are among `holders`. Returns how many signed.
Result<std::size_t> sign_with(trust::tuf::Envelope& envelope, const Signers& keys,
                              const std::vector<trust::tuf::KeyId>& holders);
/// How many of the keys are among `holders`.
Result<std::size_t> held_by(const Signers& keys, const std::vector<trust::tuf::KeyId>& holders);

}  // namespace holdfast::cli::owner
