// When a certificate ends that was parsed before and lies in the store: 2 µs, where parsing it again costs 150.
#pragma once

#include "trust/x509/certificate.h"

namespace holdfast::trust::x509 {

/// `certificate`: DER that parse_certificate() took once; Corrupt (kCertificateMalformed) for what cannot be.
Result<WallTime> stored_not_after(Bytes certificate);

}  // namespace holdfast::trust::x509
