// Certificates for tests that speak TLS: made on the spot, with any dates, so that expired and foreign ones exist too.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/secret.h"
#include "base/time.h"

namespace holdfast::test {

struct KeyedCertificate {
  Blob certificate;  ///< DER
  Secret key;        ///< PKCS#8, P-256
};

/// Self-signed, CA:TRUE.
KeyedCertificate make_ca(const std::string& name, WallTime not_before, WallTime not_after);

/// serverAuth for `localhost` and 127.0.0.1.
KeyedCertificate make_server(const KeyedCertificate& ca, WallTime not_before, WallTime not_after);

/// clientAuth.
KeyedCertificate make_client(const KeyedCertificate& ca, const std::string& name, WallTime not_before,
                             WallTime not_after);

/// An RSA-2048 client, which is not what devices have.
KeyedCertificate make_rsa_client(const KeyedCertificate& ca, const std::string& name, WallTime not_before,
                                 WallTime not_after);

}  // namespace holdfast::test
