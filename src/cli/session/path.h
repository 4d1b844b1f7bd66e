// Addresses of the REST interface, from names that somebody typed: each is one segment or one value, whatever is in it.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace holdfast::cli {

/// `/v1/catalogs/fleet/devices` from its segments behind `/v1`, percent-encoded (RFC 3986 §2.1).
std::string path_of(std::initializer_list<std::string_view> segments);

/// The path with a query; an empty value is left out.
std::string with_query(std::string path, std::initializer_list<std::pair<std::string_view, std::string_view>> values);

}  // namespace holdfast::cli
