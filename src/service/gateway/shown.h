// How rows look that several tables of routes answer with, or compare with If-Match.
#pragma once

#include "base/json/value.h"
#include "ports/store/rows/catalog.h"
#include "ports/store/rows/certificate.h"
#include "ports/store/rows/device.h"

namespace holdfast::service::gateway {

json::Value shown_catalog(const ports::CatalogRow& row);
json::Value shown_device(const ports::DeviceRow& row);
json::Value shown_certificate(const ports::CertificateRow& row);

inline constexpr std::string_view kCertificateKinds[] = {"client", "update", "quarantine", "unattested"};
inline constexpr std::string_view kCertificateStates[] = {"valid", "superseded", "revoked"};

/// A verdict's name, or null.
json::Value verdict_of(const std::optional<std::int64_t>& verdict);

}  // namespace holdfast::service::gateway
