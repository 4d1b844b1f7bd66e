#include "firmware/measurements.h"

#include "base/text.h"
#include "firmware/utf16.h"
#include "trust/crypto/hash.h"
#include "trust/tpm/boot_policy.h"

namespace holdfast::firmware {
namespace {

using trust::crypto::sha256;

constexpr std::uint8_t kPcrOfPrograms = 4;
constexpr std::uint8_t kPcrOfCommandLine = 9;
constexpr std::uint8_t kPcrOfSections = 11;
/// In this order, whatever theirs is in the file (systemd 252, src/fundamental/tpm-pcr.c).
constexpr std::string_view kMeasuredSections[] = {".linux", ".osrel", ".cmdline", ".initrd", ".splash", ".dtb"};

}  // namespace

Result<std::vector<Measurement>> measurements_of(const PeImage& program) {
  const PeSection* command_line = program.section(".cmdline");
  if (command_line == nullptr || program.section(".linux") == nullptr) {
    return fail(Next::Rejected, kPeImageMalformed,
                "expected a kernel and its command line in the boot program, saw none");
  }
  std::vector<Measurement> out;
  out.push_back({kPcrOfPrograms, program.authenticode_sha256(), "the boot program"});
  for (const std::string_view name : kMeasuredSections) {
    const PeSection* section = program.section(name);
    if (section == nullptr) continue;
    const std::string with_end = cat(name, '\0');
    out.push_back({kPcrOfSections, sha256(as_bytes(with_end)), cat("the name ", name)});
    out.push_back({kPcrOfSections, sha256(section->contents), cat("the section ", name)});
  }
  out.push_back({kPcrOfSections, trust::tpm::separator_digest(), "the first process has begun"});
  out.push_back({kPcrOfCommandLine, sha256(utf16(as_text(command_line->contents))), "the command line"});
  return out;
}

}  // namespace holdfast::firmware
