#include "firmware/pe_image.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/byte_io.h"
#include "fails_with.h"
#include "firmware/measurements.h"
#include "firmware/utf16.h"
#include "trust/crypto/hash.h"
#include "trust/tpm/boot_policy.h"

namespace holdfast::firmware {
namespace {

constexpr std::size_t kCoffAt = 64;
constexpr std::size_t kOptionalAt = kCoffAt + 24;
constexpr std::size_t kOptionalBytes = 240;
constexpr std::size_t kHeadersBytes = 512;
constexpr std::size_t kCertificatesAt = kOptionalAt + 144;

/// Two sections, of which the second comes first in the file, and `tail` behind them.
Blob a_program(const Blob& tail = {}) {
  ByteWriter out(Endian::Little);
  out.bytes(as_bytes("MZ")).bytes(Blob(58)).u32(kCoffAt);
  out.bytes(as_bytes("PE")).u16(0).u16(0x8664).u16(2).bytes(Blob(12)).u16(kOptionalBytes).u16(0);
  out.u16(0x20B).bytes(Blob(58)).u32(kHeadersBytes).u32(0xC0FFEE).bytes(Blob(40)).u32(16).bytes(Blob(128));
  const auto section = [&](std::string_view name, std::uint32_t loaded, std::uint32_t raw, std::uint32_t at) {
    out.bytes(as_bytes(name)).bytes(Blob(8 - name.size())).u32(loaded).u32(0).u32(raw).u32(at).bytes(Blob(16));
  };
  section(".linux", 600, 1024, kHeadersBytes + 512);
  section(".cmdline", 12, 512, kHeadersBytes);
  out.bytes(Blob(kHeadersBytes - out.written().size()));
  out.bytes(Blob(512, 'c')).bytes(Blob(1024, 'l')).bytes(tail);
  return out.take();
}

Digest256 digest_of(const Blob& file) {
  const auto image = PeImage::parse(file);
  REQUIRE(image);
  return image->authenticode_sha256();
}

TEST_CASE("sections are found by their names, as long as they are loaded") {
  const Blob file = a_program();
  const auto image = PeImage::parse(file);
  REQUIRE(image);
  REQUIRE(image->section(".linux"));
  CHECK(image->section(".linux")->contents.size() == 600);
  CHECK(as_text(image->section(".cmdline")->contents) == "cccccccccccc");
  CHECK(image->section(".initrd") == nullptr);
}

TEST_CASE("the digest is over all but the checksum and the certificates") {
  const Blob plain = a_program(Blob(8, 't'));
  Blob without = plain;
  without.erase(without.begin() + kCertificatesAt, without.begin() + kCertificatesAt + 8);
  without.erase(without.begin() + kOptionalAt + 64, without.begin() + kOptionalAt + 68);
  CHECK(digest_of(plain) == trust::crypto::sha256(without));

  Blob signed_one = plain;
  ByteWriter entry(Endian::Little);
  entry.u32(static_cast<std::uint32_t>(plain.size())).u32(24);
  std::ranges::copy(entry.written(), signed_one.begin() + kCertificatesAt);
  signed_one.insert(signed_one.end(), 24, 0x55);
  signed_one[kOptionalAt + 64] ^= 1;
  CHECK(digest_of(signed_one) == digest_of(plain));
  signed_one[kHeadersBytes] ^= 1;
  CHECK(digest_of(signed_one) != digest_of(plain));
}

TEST_CASE("an image whose parts lie outside of it or on each other is refused") {
  const Blob good = a_program();
  for (std::size_t size : {std::size_t{0}, std::size_t{63}, kCoffAt + 2, kOptionalAt, kHeadersBytes, good.size() - 1}) {
    CHECK_FALSE(PeImage::parse(Bytes(good).first(size)));
  }
  constexpr std::size_t kFirstSection = kOptionalAt + kOptionalBytes;
  Blob bad = good;
  bad[kFirstSection + 20 + 1] = 2;  // the first one where the second is
  CHECK(fails_with(PeImage::parse(bad), kPeImageMalformed));
  bad = good;
  bad[kFirstSection + 19] = 0x7F;
  CHECK(fails_with(PeImage::parse(bad), kPeImageMalformed));
  bad = good;
  bad[kCertificatesAt + 4] = 8;  // certificates that are not at the end
  CHECK(fails_with(PeImage::parse(bad), kPeImageMalformed));
}

}  // namespace
TEST_CASE("what a boot program leaves in the TPM is known: itself, its sections in their order, its first process") {
  const Blob file = a_program();
  const auto image = PeImage::parse(file);
  REQUIRE(image);
  const auto left = measurements_of(*image);
  REQUIRE(left);
  const std::string line(12, 'c');
  const std::pair<unsigned, Digest256> expected[] = {
      {4, image->authenticode_sha256()},
      {11, trust::crypto::sha256(as_bytes(std::string_view(".linux", 7)))},
      {11, trust::crypto::sha256(as_bytes(std::string(600, 'l')))},
      {11, trust::crypto::sha256(as_bytes(std::string_view(".cmdline", 9)))},
      {11, trust::crypto::sha256(as_bytes(line))},
      {11, trust::tpm::separator_digest()},
      {9, trust::crypto::sha256(utf16(line))},
  };
  REQUIRE(left->size() == std::size(expected));
  for (std::size_t at = 0; at < left->size(); ++at) {
    CHECK((*left)[at].pcr == expected[at].first);
    CHECK((*left)[at].digest == expected[at].second);
  }
}

}  // namespace holdfast::firmware
