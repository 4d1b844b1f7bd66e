// A service with an owner and two catalogs that are no business of each other's, made with the tools that an owner
// has. One per test program: whatever a case does to it, the next one finds it serving.
#pragma once

#include "attack/caller.h"
#include "attack/service_process.h"
#include "attack/soft_device.h"
#include "temporary_folder.h"

namespace holdfast::tests {

inline constexpr const char* kAcme = "acme";
inline constexpr const char* kRival = "rival";

class Stage {
 public:
  explicit Stage(std::vector<std::string> service_options = {});
  static Stage& shared();

  ServiceProcess& service() { return service_; }
  std::filesystem::path service_data() const { return service_.data(); }
  const std::filesystem::path& folder() const { return folder_.path(); }
  /// `holdfast` as the owner runs it.
  Ran holdfast(const std::vector<std::string>& arguments) const;
  /// The owner's token, good for every catalog.
  const std::string& token() const { return token_; }
  Caller owner() const { return Caller(service_.management_port(), token_); }
  /// A new operator's token.
  std::string add_operator(const std::string& name, const std::string& scope, const std::string& catalog);
  /// A ticket file for a device of the catalog.
  Blob ticket(const std::string& catalog);
  /// A device of the catalog that has attested healthy and checked in.
  std::unique_ptr<SoftDevice> add_device(const std::string& catalog);
  /// Whether the next honest requests are served, on both ports.
  bool serves();

 private:
  void found(const std::string& catalog);

  TemporaryFolder folder_;
  ServiceProcess service_;
  std::string token_;
};

std::string path_in(const std::string& catalog, std::string_view rest);

}  // namespace holdfast::tests
