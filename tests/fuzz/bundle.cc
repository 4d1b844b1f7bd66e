// The beginning of a bundle that somebody carries to a device: the first two bytes say how long the whole is. Whatever
// index is read lies within that, in order, and is made again from what it says.
#include <algorithm>

#include "base/check.h"
#include "wire/bundle.h"
#include "wire/carried.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  using namespace holdfast::wire;
  if (size < 2) return 0;
  const std::int64_t whole = (std::int64_t{data[0]} << 8 | data[1]) * 512;
  const Bytes bundle(data + 2, size - 2);
  // Once as a file would be read, and once with all of it for the index: fuzzing rarely makes a header that is right.
  const auto length = bundle_index_bytes(bundle.first(std::min(bundle.size(), kTarBlockBytes)));
  const bool has_index = length && *length <= bundle.size() - kTarBlockBytes;
  const auto index = read_bundle_index(has_index ? bundle.subspan(kTarBlockBytes, *length) : bundle, whole);
  if (!index) return 0;
  std::int64_t end = 0;
  std::vector<BundleMember> members;
  for (const auto& [path, range] : *index) {
    CHECK_INVARIANT(is_carried_path(path) && range.offset >= end && range.length >= 0);
    end = range.offset + range.length;
    CHECK_INVARIANT(end <= whole);
    members.push_back({path, range.length});
  }
  const auto made = make_bundle_index(members);
  CHECK_INVARIANT(made);
  const std::size_t made_length = *bundle_index_bytes(Bytes(*made).first(kTarBlockBytes));
  const auto again = read_bundle_index(Bytes(*made).subspan(kTarBlockBytes, made_length), INT64_MAX);
  CHECK_INVARIANT(again && again->size() == index->size());
  return 0;
}
