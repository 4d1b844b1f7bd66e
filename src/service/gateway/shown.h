// How rows look that several tables of routes answer with, or compare with If-Match.
#pragma once

#include "base/json/value.h"
#include "ports/store/rows/catalog.h"
#include "ports/store/rows/device.h"

namespace holdfast::service::gateway {

json::Value shown_catalog(const ports::CatalogRow& row);
json::Value shown_device(const ports::DeviceRow& row);

/// A verdict's name, or null.
json::Value verdict_of(const std::optional<std::int64_t>& verdict);

}  // namespace holdfast::service::gateway
