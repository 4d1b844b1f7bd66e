#include "delta/elf/site_finder.h"

#include <algorithm>

#include "delta/elf/tables.h"
#include "delta/elf/words.h"
#include "delta/elf/x86_64.h"

namespace holdfast::delta::elf {
namespace {

constexpr std::uint32_t kRecordHeadBytes = 8;  ///< of .eh_frame: length and id

}  // namespace

Result<SiteFinder> SiteFinder::make(const old::OldFile& file) {
  SiteFinder finder;
  finder.elf_ = TRY(read_elf(file));
  for (const Section& section : finder.elf_.sections) {
    if (section.table != Table::Unwind) continue;
    TRY(finder.walk_unwind(file, section));
    break;
  }
  return finder;
}

/// LSB, Exception Frames: records of a length and an id, 0 for a CIE.
Result<void> SiteFinder::walk_unwind(const old::OldFile& file, const Section& section) {
  records_.assign(std::min<std::size_t>((section.length + kWindowBytes - 1) / kWindowBytes, kWindowsMax), kNoRecord);
  constexpr std::uint32_t kRead = 16 * 1024;
  constexpr std::uint32_t kHead = 16;
  Blob bytes(kRead);
  std::uint32_t have_begin = 0;
  std::uint32_t have_end = 0;
  std::uint32_t at = 0;  // in the section
  while (at + kHead <= section.length && at / kWindowBytes < records_.size()) {
    if (at < have_begin || at + kHead > have_end) {
      have_begin = at;
      have_end = std::min(section.length, at + kRead);
      TRY(file.read(section.begin + have_begin, std::span(bytes).first(have_end - have_begin)));
    }
    const std::uint8_t* record = &bytes[at - have_begin];
    const auto length = word_at<std::uint32_t>(record);
    if (length < 4 || length > section.length - at - 4) break;
    std::uint16_t& first = records_[at / kWindowBytes];
    if (first == kNoRecord) first = static_cast<std::uint16_t>(at % kWindowBytes);
    const bool is_cie = word_at<std::uint32_t>(record + 4) == 0;
    // Its augmentation, a string, is at 9: "zPLR" has a pointer to a language's own table in each FDE.
    const std::string_view augmentation = as_text({record + 9, 6});
    if (is_cie && cies_.size() < kCiesMax) {
      cies_.push_back({section.begin + at, augmentation.substr(0, augmentation.find('\0')).contains('L')});
    }
    at += 4 + length;
  }
  return {};
}

void SiteFinder::find(const Section& section, std::uint32_t number, const View& view, SiteList& sites) const {
  const std::uint32_t begin = section.begin + number * kWindowBytes;
  const std::uint32_t end = std::min(section.end(), begin + kWindowBytes);
  switch (section.table) {
    case Table::Code: return find_x86_64_sites(elf_, section, begin, end, view, sites);
    case Table::Unwind: return find_unwind(section, number, end, view, sites);
    default: return find_table_sites(elf_, section, begin, end, view, sites);
  }
}

void SiteFinder::find_unwind(const Section& section, std::uint32_t number, std::uint32_t end, const View& view,
                             SiteList& sites) const {
  if (number >= records_.size() || records_[number] == kNoRecord) return;
  std::uint32_t record = section.begin + number * kWindowBytes + records_[number];
  while (record < end && section.end() - record >= kRecordHeadBytes &&
         view.has(record, std::uint64_t{record} + kAhead / 2)) {
    const auto length = word_at<std::uint32_t>(view.at(record));
    if (length < 4 || length > section.end() - record - 4) return;
    find_in_frame(section, record, view, sites);
    record += 4 + length;
  }
}

void SiteFinder::find_in_frame(const Section& section, std::uint32_t record, const View& view, SiteList& sites) const {
  const auto back = word_at<std::uint32_t>(view.at(record + 4));
  if (back == 0 || back > record + 4 - section.begin) return;
  const std::uint32_t cie_offset = record + 4 - back;
  const auto cie = std::ranges::find(cies_, cie_offset, &Cie::offset);
  if (cie == cies_.end()) return;
  const std::uint64_t address = section.address + (record - section.begin);
  sites.add({record + 4, Form::Back32, address + 4 - back, 0});
  const auto relative = [&](std::uint32_t at) {
    const auto distance = word_at<std::int32_t>(view.at(record + at));
    if (distance == 0) return;
    const std::uint64_t target = address + at + static_cast<std::uint64_t>(std::int64_t{distance});
    if (elf_.is_loaded(target)) sites.add({record + at, Form::Relative32, target, 0});
  };
  relative(8);
  if (cie->has_lsda) relative(17);  // after begin, length, and the length of what follows
}

}  // namespace holdfast::delta::elf
