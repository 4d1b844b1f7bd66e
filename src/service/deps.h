// What every handler of the service works with. Handlers keep nothing between calls.
#pragma once

#include <string>
#include <vector>

#include "ports/image_files.h"
#include "ports/ip_address.h"
#include "ports/metrics.h"
#include "ports/random.h"
#include "ports/store/store.h"
#include "service/keyring.h"

namespace holdfast::service {

namespace identity {
class Issuers;
}
namespace appraise {
class Documents;
}

struct Settings {
  std::vector<std::string> device_urls;  ///< `https://host:port` of the device port, as devices reach it
  std::string crl_url;  ///< `http(s)://host:port`, the base of every CRL's address; fixed by the first start
  Duration challenge_life = seconds(60);
  Duration check_in_every = minutes(5);
  std::vector<ports::AddressRange> webhook_allow = {};  ///< reachable by webhooks though they are not public
};

struct Deps {
  ports::Store& store;
  ports::Random& random;
  Keyring& keyring;
  identity::Issuers& issuers;      ///< made before, kept
  appraise::Documents& documents;  ///< parsed before, kept
  const Settings& settings;
  ports::Metrics& metrics;
  ports::ImageFiles& images;
};

}  // namespace holdfast::service
