// What an update costs: bytes over the wire, against what others make of the same images in the same run, and what a
// device pays to apply it.
#include "bench/update_rows.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "base/text.h"
#include "bench/usage.h"
#include "delta/format/header.h"
#include "temporary_folder.h"

namespace holdfast::bench {
namespace {

using std::filesystem::path;

constexpr double kThousand = 1000;
constexpr double kKiB = 1024;
constexpr std::size_t kLineBytesMax = 4096;
constexpr int kApplications = 9;  ///< whose median counts

/// A delta of ours and what it was made from.
struct Made {
  path old_image;
  path new_image;
  path delta;
  Usage usage;  ///< of the maker
};

const path& place_of_work() {
  static const tests::TemporaryFolder kFolder;
  return kFolder.path();
}

Result<Made> make_anew(std::string_view pair) {
  std::fprintf(stderr, "update: making the pair %s, or finding it\n", std::string(pair).c_str());
  const std::string said = TRY(output_of({"python3", HOLDFAST_BENCH_PAIRS, std::string(pair)}));
  const auto words = split(trim(said), '\t');
  if (words.size() != 3) return fail(Next::NotFound, kPairMissing, cat("the pair ", pair, ": not run"));
  Made made{words[1], words[2], place_of_work() / cat(pair, ".delta"), {}};
  made.usage = TRY(usage_of({program("holdfast-delta-make"), made.old_image, made.new_image, made.delta}));
  const path again = place_of_work() / "again";
  TRY(usage_of({program("holdfast-delta"), "apply", made.old_image, made.delta, again}));
  TRY(usage_of({"cmp", "-s", again, made.new_image}));
  return made;
}

/// Each pair once in a run.
Result<Made> made(std::string_view pair) {
  static std::map<std::string, Made, std::less<>> kept;
  const auto found = kept.find(pair);
  if (found != kept.end()) return found->second;
  return kept.emplace(pair, TRY(make_anew(pair))).first->second;
}

double size_of(const path& file) { return static_cast<double>(std::filesystem::file_size(file)); }

/// Sizes of what the peers make, in thousands of bytes.
struct Peers {
  double best = 0;
  std::string text;
};

Result<Peers> peers(const Made& one) {
  const path out = place_of_work() / "peer";
  unsigned window_log = 10;
  while ((std::uintmax_t{1} << window_log) < std::filesystem::file_size(one.old_image)) ++window_log;
  const std::vector<std::pair<std::string, std::vector<std::string>>> calls{
      {"bsdiff", {"bsdiff", one.old_image, one.new_image, out}},
      {"xdelta3",
       {"xdelta3", "-9", "-f", cat("-B", std::uintmax_t{1} << window_log), "-S", "lzma", "-e", "-s", one.old_image,
        one.new_image, out}},
      {"zstd",
       {"zstd", "-19", "--ultra", cat("--long=", window_log), "-T1", "-q", "-f", "--patch-from", one.old_image,
        one.new_image, "-o", out}}};
  Peers found;
  for (const auto& [name, words] : calls) {
    std::fprintf(stderr, "update: %s\n", name.c_str());
    TRY(usage_of(words));
    const double size = size_of(out) / kThousand;
    found.best = found.best == 0 ? size : std::min(found.best, size);
    found.text += cat(found.text.empty() ? "" : ", ", name, " ", static_cast<std::int64_t>(size));
  }
  return found;
}

Result<Figure> bytes(std::string_view pair, std::string what, double kilobytes_max) {
  const Made one = TRY(made(pair));
  const Peers others = TRY(peers(one));
  return Figure{.what = std::move(what),
                .unit = cat("kB; ", others.text),
                .value = size_of(one.delta) / kThousand,
                .bound = kilobytes_max};
}

Result<Figure> against_the_best(std::string_view pair, std::string what) {
  const Made one = TRY(made(pair));
  const Peers others = TRY(peers(one));
  const double kilobytes = size_of(one.delta) / kThousand;
  return Figure{.what = std::move(what),
                .unit = cat("x the best peer; ", static_cast<std::int64_t>(kilobytes), " kB; ", others.text),
                .value = kilobytes / others.best,
                .bound = 1.0};
}

/// Copies an image and hashes it, as whoever takes a whole image does at least.
Result<double> copy_and_hash_cpu_s(const Made& one) {
  const path copy = place_of_work() / "copy";
  const Usage copied = TRY(usage_of({"cp", one.new_image, copy}));
  const Usage hashed = TRY(usage_of({"openssl", "dgst", "-sha256", copy}));
  return copied.cpu_s + hashed.cpu_s;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

Result<Usage> application(const Made& one) {
  return usage_of({program("holdfast-delta"), "apply", one.old_image, one.delta, place_of_work() / "again"});
}

}  // namespace

Result<Figure> update_os_36() { return bytes("os-36", "OS root of 98 MB, 36 packages updated", 600); }
Result<Figure> update_os_5() { return bytes("os-5", "the same root, 5 packages updated", 250); }
Result<Figure> update_application() { return bytes("application", "C++ application, 2 of 40 modules", 80); }
Result<Figure> update_kernel() { return bytes("kernel", "kernel, vmlinux of 53 MB", 1750); }
Result<Figure> update_go() { return against_the_best("go", "Go program of 48 MB"); }
Result<Figure> update_media() { return against_the_best("media", "media image of 15 MB"); }

Result<Figure> update_digests() {
  const Made one = TRY(made("os-36"));
  const std::uint32_t segments = delta::format::segment_count(std::filesystem::file_size(one.new_image));
  return Figure{.what = "the segments' digests, in the signed targets",
                .unit = "kB beside the delta",
                .value = static_cast<double>(segments * sizeof(Digest256)) / kThousand,
                .bound = 13};
}

Result<Figure> update_apply_cpu() {
  const Made one = TRY(made("os-36"));
  std::vector<double> ratios;
  std::vector<double> ours;
  for (int i = 0; i < kApplications; ++i) {
    const double floor = TRY(copy_and_hash_cpu_s(one));
    ours.push_back(TRY(application(one)).cpu_s);
    ratios.push_back(ours.back() / floor);
  }
  return Figure{.what = "CPU of applying the root of 98 MB",
                .unit = cat("x cp and SHA-256 of it; ", static_cast<std::int64_t>(median(ours) * kThousand), " ms"),
                .value = median(ratios),
                .bound = 1.5};
}

Result<Figure> update_apply_memory() {
  const Usage usage = TRY(application(TRY(made("os-36"))));
  return Figure{
      .what = "memory of applying it, peak resident", .unit = "MiB", .value = usage.resident_kib / kKiB, .bound = 6};
}

Result<Figure> update_apply_anonymous() {
  const Usage usage = TRY(application(TRY(made("os-36"))));
  return Figure{.what = "of that anonymous", .unit = "MiB", .value = usage.anonymous_kib / kKiB, .bound = 4};
}

Result<Figure> update_make_cpu() {
  const Usage usage = TRY(made("os-36")).usage;
  return Figure{.what = "CPU of making its delta", .unit = "s", .value = usage.cpu_s, .bound = 60};
}

Result<Figure> update_make_memory() {
  const Usage usage = TRY(made("os-36")).usage;
  return Figure{
      .what = "memory of making it, peak resident", .unit = "MiB", .value = usage.resident_kib / kKiB, .bound = 1024};
}

}  // namespace holdfast::bench
