#include "cli/release/packages.h"

#include <algorithm>
#include <tuple>

#include "base/percent.h"
#include "base/text.h"

namespace holdfast::cli::release {
namespace {

constexpr std::size_t kFieldBytesMax = 512;

/// What is wanted of a paragraph.
struct Paragraph {
  Package package;
  std::string_view status;
  bool is_empty = true;
};

std::string* field_of(Package& package, std::string_view name) {
  if (name == "Package") return &package.name;
  if (name == "Version") return &package.version;
  if (name == "Architecture") return &package.architecture;
  if (name == "Source") return &package.source;
  if (name == "Maintainer") return &package.maintainer;
  return nullptr;
}

Result<void> take_line(std::string_view line, Paragraph& paragraph) {
  paragraph.is_empty = false;
  if (line.front() == ' ' || line.front() == '\t') return {};  // a field goes on
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    return fail(Next::Rejected, kPackagesMalformed,
                cat("expected lines of a field and a colon, saw '", printable(line, 60), "'"));
  }
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trim(line.substr(colon + 1));
  if (name == "Status") paragraph.status = value;
  std::string* field = field_of(paragraph.package, name);
  if (field == nullptr) return {};
  if (value.size() > kFieldBytesMax) {
    return fail(Next::Rejected, kPackagesMalformed,
                cat("expected at most ", kFieldBytesMax, " bytes of ", name, ", saw ", value.size()));
  }
  *field = value;
  return {};
}

Result<void> end_paragraph(Paragraph& paragraph, std::vector<Package>& out) {
  Package package = std::move(paragraph.package);
  const bool is_installed = paragraph.status.ends_with(" installed");
  paragraph = {};
  if (!is_installed) return {};
  if (package.name.empty() || package.version.empty() || package.architecture.empty()) {
    return fail(Next::Rejected, kPackagesMalformed,
                cat("expected name, version and architecture of an installed package, saw '",
                    printable(package.name, 60), "'"));
  }
  if (out.size() == kPackagesMax) {
    return fail(Next::Exhausted, kPackagesMalformed, cat("expected at most ", kPackagesMax, " packages, saw more"));
  }
  out.push_back(std::move(package));
  return {};
}

}  // namespace

Result<std::vector<Package>> packages_in(Bytes status) {
  if (status.size() > kPackagesBytesMax) {
    return fail(Next::Exhausted, kPackagesMalformed,
                cat("expected at most ", kPackagesBytesMax, " bytes of packages, saw ", status.size()));
  }
  std::vector<Package> out;
  Paragraph paragraph;
  std::string_view rest = as_text(status);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!trim(line).empty()) {
      TRY(take_line(line, paragraph));
    } else if (!paragraph.is_empty) {
      TRY(end_paragraph(paragraph, out));
    }
  }
  if (!paragraph.is_empty) TRY(end_paragraph(paragraph, out));
  std::ranges::sort(out, {}, [](const Package& one) { return std::tie(one.name, one.architecture, one.version); });
  const auto twice = std::ranges::unique(out);
  out.erase(twice.begin(), twice.end());
  return out;
}

std::string purl_of(const Package& package) {
  return cat("pkg:deb/debian/", percent_encoded(package.name), "@", percent_encoded(package.version),
             "?arch=", percent_encoded(package.architecture));
}

}  // namespace holdfast::cli::release
