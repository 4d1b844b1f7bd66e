#include "cli/release/tree.h"

#include "base/encoding.h"
#include "base/json/value.h"
#include "base/text.h"
#include "cli/release/build_id.h"
#include "trust/crypto/hash.h"

namespace holdfast::cli::release {
namespace {

constexpr std::string_view kStatusFile = "var/lib/dpkg/status";

json::Value component_of(const Package& package) {
  const std::string purl = purl_of(package);
  json::Object out{{"type", "library"}, {"bom-ref", purl}};
  if (!package.maintainer.empty()) {
    out.emplace_back("supplier", json::Object{{"name", printable(package.maintainer)}});
  }
  out.emplace_back("name", printable(package.name));
  out.emplace_back("version", printable(package.version));
  out.emplace_back("purl", purl);
  if (!package.source.empty()) {
    json::Array properties;
    properties.emplace_back(json::Object{{"name", "holdfast:debian-source"}, {"value", printable(package.source)}});
    out.emplace_back("properties", std::move(properties));
  }
  return out;
}

json::Value component_of(const std::string& path, Bytes content) {
  json::Array hashes;
  hashes.emplace_back(json::Object{{"alg", "SHA-256"}, {"content", to_hex(trust::crypto::sha256(content))}});
  // Two paths may look the same once they are printable.
  return json::Object{{"type", "file"},
                      {"bom-ref", cat("file:", printable(path, path.size() * 4), "#", to_hex(as_bytes(path)))},
                      {"name", printable(path, path.size() * 4)},
                      {"hashes", std::move(hashes)}};
}

std::string_view type_of(trust::update::ImageKind kind) {
  switch (kind) {
    case trust::update::ImageKind::Os: return "operating-system";
    case trust::update::ImageKind::Application: return "application";
    case trust::update::ImageKind::RealTime: return "firmware";
    case trust::update::ImageKind::Configuration: return "data";
  }
  return "application";
}

Result<std::vector<Package>> packages_of(Files& files, const std::string& folder) {
  const std::string path = cat(folder, "/", kStatusFile);
  const auto status = files.read(path, kPackagesBytesMax);
  if (!status && status.error().next == Next::NotFound) return std::vector<Package>();
  if (!status) return std::unexpected(status.error());
  auto packages = packages_in(*status);
  if (!packages) return fail_within(printable(path), std::move(packages).error());
  return packages;
}

Blob lines_of(const json::Value& value) { return to_blob(as_bytes(json::dump(value) + "\n")); }

}  // namespace

Result<Described> describe_tree(Files& files, const std::string& folder, const trust::update::Image& image) {
  Described out;
  json::Array components;
  for (const Package& package : TRY(packages_of(files, folder))) {
    components.push_back(component_of(package));
    ++out.packages;
  }
  json::Array build_ids;
  for (const std::string& path : TRY(files.files_below(folder))) {
    const Blob content = TRY(files.read(cat(folder, "/", path), kTreeFileBytesMax));
    components.push_back(component_of(path, content));
    ++out.files;
    const auto id = build_id_in(content);
    if (!id) continue;
    build_ids.emplace_back(json::Object{{"path", printable(path, path.size() * 4)}, {"build_id", to_hex(*id)}});
  }
  const json::Value metadata = json::Object{{"component", json::Object{{"type", type_of(image.kind)},
                                                                       {"bom-ref", "image"},
                                                                       {"name", image.component},
                                                                       {"version", image.version}}}};
  out.sbom = lines_of(json::Object{{"bomFormat", "CycloneDX"},
                                   {"specVersion", "1.5"},
                                   {"version", 1},
                                   {"metadata", metadata},
                                   {"components", std::move(components)}});
  if (!build_ids.empty()) out.build_ids = lines_of(json::Object{{"build_ids", std::move(build_ids)}});
  return out;
}

}  // namespace holdfast::cli::release
