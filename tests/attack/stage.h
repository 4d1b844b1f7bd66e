// A service of our own with an owner and two catalogs. One per test program: whatever a case does to it, the next one
// finds it serving.
#pragma once

#include "attack/owner.h"
#include "temporary_folder.h"

namespace holdfast::tests {

/// The service, running before its owner comes.
class StagedService {
 public:
  explicit StagedService(std::vector<std::string> options) : service_(place_.path(), std::move(options)) {
    service_.start();
  }
  ServiceProcess& service() { return service_; }
  std::filesystem::path service_data() const { return service_.data(); }

 protected:
  TemporaryFolder place_;
  ServiceProcess service_;
};

class Stage : public StagedService, public Owner {
 public:
  explicit Stage(std::vector<std::string> service_options = {})
      : StagedService(std::move(service_options)),
        Owner(place_.path(), {service_.device_port(), service_.management_port()}, service_.data() / "owner-link") {}
  static Stage& shared() {
    static Stage one;
    return one;
  }
};

}  // namespace holdfast::tests
