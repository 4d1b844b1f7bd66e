// An owner at a service that is reached at two ports, with two catalogs that are no business of each other's, made with
// the tools that an owner has.
#pragma once

#include "attack/caller.h"
#include "attack/service_process.h"
#include "attack/soft_device.h"

namespace holdfast::tests {

inline constexpr const char* kAcme = "acme";
inline constexpr const char* kRival = "rival";

std::string path_in(const std::string& catalog, std::string_view rest);

class Owner {
 public:
  struct Reached {
    std::uint16_t device_port;
    std::uint16_t management_port;
  };
  /// Uses the owner link, and keeps what an owner keeps in `folder`.
  Owner(std::filesystem::path folder, const Reached& reached, const std::filesystem::path& owner_link);

  std::uint16_t device_port() const { return reached_.device_port; }
  std::uint16_t management_port() const { return reached_.management_port; }
  const std::filesystem::path& folder() const { return folder_; }
  /// `holdfast` as the owner runs it.
  Ran holdfast(const std::vector<std::string>& arguments) const;
  /// The owner's token, good for every catalog.
  const std::string& token() const { return token_; }
  Caller owner() const { return Caller(management_port(), token_); }
  /// A new operator's token.
  std::string add_operator(const std::string& name, const std::string& scope, const std::string& catalog) const;
  /// A ticket file for a device of the catalog.
  Blob ticket(const std::string& catalog) const;
  /// A device of the catalog that has attested healthy and checked in.
  std::unique_ptr<SoftDevice> add_device(const std::string& catalog) const;
  /// Whether the next honest requests are served, on both ports.
  bool serves() const;

 private:
  void found(const std::string& catalog) const;

  std::filesystem::path folder_;
  Reached reached_;
  std::string token_;
};

}  // namespace holdfast::tests
