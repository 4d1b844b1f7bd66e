#include <charconv>

#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/catalog.h"
#include "service/gateway/answers.h"
#include "service/images/repository.h"
#include "service/rollout/deployments.h"

namespace holdfast::service::gateway {
namespace {

constexpr Reason kRangeUnmet{"range-unmet"};
constexpr std::string_view kBytes = "application/octet-stream";
constexpr std::string_view kFlags[] = {"false", "true"};
constexpr std::string_view kTimestampFile = "timestamp.json";

Response bytes_response(Blob bytes) { return {.content_type = std::string(kBytes), .body = std::move(bytes)}; }

ports::ImageFileName file_in(const Call& call) {
  return {call.parameter("catalog"), call.parameter("component"), call.parameter("version"), call.parameter("file")};
}

struct Range {
  std::int64_t offset = 0;
  std::size_t bytes = ports::kImagePieceBytesMax;
};

/// `bytes=100-199` and `bytes=100-`, one of them (RFC 9110 §14.2); whatever else is there is passed over, as it may be.
std::optional<Range> range_of(const Request& request) {
  constexpr std::string_view kUnit = "bytes=";
  if (!request.range || !request.range->starts_with(kUnit)) return std::nullopt;
  const std::string text = request.range->substr(kUnit.size());
  const char* const begin = text.c_str();
  const char* const end = begin + text.size();
  Range out;
  const auto first = std::from_chars(begin, end, out.offset);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-' || out.offset < 0) return std::nullopt;
  if (first.ptr + 1 == end) return out;
  std::int64_t last = 0;
  const auto second = std::from_chars(first.ptr + 1, end, last);
  if (second.ec != std::errc() || second.ptr != end || last < out.offset) return std::nullopt;
  out.bytes = static_cast<std::size_t>(std::min<std::int64_t>(last - out.offset + 1, ports::kImagePieceBytesMax));
  return out;
}

std::unexpected<Error> no_file(const ports::ImageFileName& name) {
  return fail(Next::NotFound, images::kImageMissing,
              cat("there is no ", printable(name.component, 60), "/", printable(name.version, 60), "/",
                  printable(name.file, 160)));
}

/// RFC 9110 §15.5.17, with the length, so that the caller can ask for what there is.
Response unmet(std::string message, std::int64_t length) {
  Response out = problem({Next::Rejected, kRangeUnmet, std::move(message)}, 416);
  out.content_range = cat("bytes */", length);
  return out;
}

/// A piece of a file, or all of one that is no more than a piece.
Result<Response> get_target(const Call& call) {
  const auto name = file_in(call);
  const auto length = TRY(call.deps.images.length(name));
  if (!length) return no_file(name);
  const auto asked = range_of(call.request);
  if (!asked && *length > static_cast<std::int64_t>(ports::kImagePieceBytesMax)) {
    return unmet(cat("expected a range (bytes=0-…) of a file of ", *length, " bytes, saw none"), *length);
  }
  const Range range = asked.value_or(Range{});
  if (range.offset >= *length && *length > 0) {
    return unmet(cat("expected a range within ", *length, " bytes, saw one from ", range.offset), *length);
  }
  auto piece = TRY(call.deps.images.read(name, range.offset, range.bytes));
  if (!piece) return no_file(name);
  const auto size = static_cast<std::int64_t>(piece->size());
  Response out = bytes_response(*std::move(piece));
  if (size == *length) return out;
  out.status = 206;
  out.content_range = cat("bytes ", range.offset, "-", range.offset + size - 1, "/", *length);
  return out;
}

Result<Response> get_metadata(const Call& call) {
  Blob bytes;
  TRY(call.deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    bytes = TRY(images::metadata_file(tx, call.parameter("catalog"), call.parameter("file")));
    return {};
  }));
  return Response{.body = std::move(bytes)};
}

json::Value to_json(const ports::RepositoryRow& row) {
  return json::Object{{"timestamp", row.timestamp_version},
                      {"snapshot", row.snapshot_version},
                      {"expires_at", to_rfc3339(row.expires_at)},
                      {"published_by", row.published_by},
                      {"published_at", to_rfc3339(row.published_at)}};
}

Result<Response> get_repository(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto row = TRY(require_row<ports::RepositoryRow>(tx, "image repository", call.parameter("catalog")));
    return object_response(call, to_json(row));
  });
}

/// The timestamp comes last and puts in force what it names.
Result<Response> put_document(const Call& call) {
  const std::string& catalog = call.parameter("catalog");
  const std::string& file = call.parameter("file");
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    TRY(require_row<ports::CatalogRow>(tx, "catalog", catalog));
    if (file == kTimestampFile) {
      const auto row = TRY(images::publish(tx, call.deps.images, catalog, call.request.body, call.caller, call.now));
      TRY(rollout::abort_withdrawn(tx, catalog, call.caller, call.now));
      return json_response(200, to_json(row));
    }
    TRY(images::store_document(tx, catalog, file, call.request.body, call.now));
    return json_response(200, json::Object{{"file", file}});
  });
}

json::Value to_json(const images::Released& released) {
  json::Array hardware;
  for (const std::string& one : released.image.hardware) hardware.emplace_back(one);
  return json::Object{{"image", released.path},
                      {"component", released.image.component},
                      {"version", released.image.version},
                      {"security_version", released.image.security_version},
                      {"kind", trust::update::name_of(released.image.kind)},
                      {"product", released.image.product},
                      {"hardware", std::move(hardware)},
                      {"length", released.length},
                      {"sha256", to_hex(released.sha256)}};
}

Result<Response> get_images(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    json::Array items;
    for (const auto& [path, released] : TRY(images::released_images(tx, call.parameter("catalog")))) {
      items.push_back(to_json(released));
    }
    return list_response(std::move(items));
  });
}

Result<Response> get_file(const Call& call) {
  const auto name = file_in(call);
  const std::int64_t received = TRY(call.deps.images.received(name));
  const bool is_whole = TRY(call.deps.images.length(name)).has_value();
  return object_response(call, json::Object{{"received", received}, {"whole", is_whole}});
}

Result<Response> put_file(const Call& call) {
  TRY(call.preconditions.require_looked_at());
  const auto name = file_in(call);
  const auto offset = TRY(call.query_integer("offset", 0, 0, ports::kImageFileBytesMax));
  const bool is_last = TRY(call.query_word("last", kFlags)).value_or(0) == 1;
  if (!call.request.body.empty()) TRY(call.deps.images.append(name, offset, call.request.body));
  if (is_last) TRY(call.deps.images.finish(name));
  const auto received = offset + static_cast<std::int64_t>(call.request.body.size());
  return json_response(200, json::Object{{"received", received}, {"whole", is_last}});
}

}  // namespace

const std::vector<Route>& image_routes() {
  constexpr Port kPort = Port::Management;
  constexpr Admits kBy = Admits::Operator;
  static const std::vector<Route> kRoutes = {
      {Port::Device, "GET", "/v1/images/{catalog}/metadata/{file}", Admits::Device, Scope::Own, get_metadata},
      {Port::Device, "GET", "/v1/images/{catalog}/targets/{component}/{version}/{file}", Admits::Device, Scope::Own,
       get_target},
      {kPort, "GET", "/v1/catalogs/{catalog}/image-repository", kBy, Scope::Read, get_repository},
      {kPort, "PUT", "/v1/catalogs/{catalog}/image-repository/{file}", kBy, Scope::Operate, put_document},
      {kPort, "GET", "/v1/catalogs/{catalog}/images", kBy, Scope::Read, get_images},
      {kPort, "GET", "/v1/catalogs/{catalog}/image-files/{component}/{version}/{file}", kBy, Scope::Read, get_file},
      {kPort, "PUT", "/v1/catalogs/{catalog}/image-files/{component}/{version}/{file}", kBy, Scope::Operate, put_file,
       "offset last"},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway
