#include "trust/eventlog/log.h"

#include <algorithm>

#include "base/byte_io.h"
#include "base/text.h"

namespace holdfast::trust::eventlog {
namespace {

using crypto::HashAlgorithm;

constexpr std::size_t kSignatureBytes = 16;
constexpr std::string_view kSpecIdEvent03{"Spec ID Event03\0", kSignatureBytes};
constexpr std::string_view kStartupLocality{"StartupLocality\0", kSignatureBytes};
constexpr std::size_t kSha1Bytes = 20;
constexpr unsigned kDynamicPcrFirst = 17;
constexpr unsigned kDynamicPcrLast = 22;
constexpr std::uint32_t kNoPcr = 0xFFFFFFFF;  ///< of informative events that belong to no PCR (SP 800-155 events)

/// What the Spec ID event says of one digest; events repeat the id alone.
struct DigestSize {
  std::uint16_t id;
  std::size_t bytes;
};

std::unexpected<Error> malformed(const ByteReader& in, std::string_view expected, std::uint64_t seen) {
  return fail(Next::Rejected, kEventLogMalformed,
              cat("event log: expected ", expected, " before offset ", in.offset(), ", saw ", seen));
}

bool begins_with(Bytes data, std::string_view signature) { return as_text(data).starts_with(signature); }

Result<Bytes> read_data(ByteReader& in) {
  const std::uint32_t size = TRY(in.u32());
  if (size > kEventBytesMax) return malformed(in, cat("at most ", kEventBytesMax, " bytes of event data"), size);
  return in.take(size);
}

Result<void> read_heading(ByteReader& in, Event& event) {
  event.offset = in.offset();
  event.pcr = TRY(in.u32());
  event.type = TRY(in.u32());
  if (event.pcr >= kPcrCount && !(event.pcr == kNoPcr && !extends(event)))
    return malformed(in, "a PCR below 24", event.pcr);
  return {};
}

/// TCG_PCClientPCREvent.
Result<Event> read_sha1_event(ByteReader& in) {
  Event event;
  TRY(read_heading(in, event));
  const Bytes digest = TRY(in.take(kSha1Bytes));
  event.digests.push_back({HashAlgorithm::Sha1, to_blob(digest)});
  event.data = to_blob(TRY(read_data(in)));
  return event;
}

/// TCG_PCR_EVENT2: exactly one digest for each algorithm of the Spec ID event.
Result<Event> read_agile_event(ByteReader& in, const std::vector<DigestSize>& sizes) {
  Event event;
  TRY(read_heading(in, event));
  const std::uint32_t count = TRY(in.u32());
  if (count != sizes.size()) return malformed(in, cat(sizes.size(), " digests"), count);
  std::uint32_t seen = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint16_t id = TRY(in.u16());
    const auto known = std::ranges::find(sizes, id, &DigestSize::id);
    if (known == sizes.end()) return malformed(in, "an algorithm of the Spec ID event", id);
    const std::uint32_t bit = 1u << (known - sizes.begin());
    if ((seen & bit) != 0) return malformed(in, "one digest for each algorithm", id);
    seen |= bit;
    const Bytes value = TRY(in.take(known->bytes));
    if (const auto algorithm = crypto::hash_algorithm(id)) event.digests.push_back({*algorithm, to_blob(value)});
  }
  event.data = to_blob(TRY(read_data(in)));
  return event;
}

Result<DigestSize> read_digest_size(ByteReader& in) {
  DigestSize digest{};
  digest.id = TRY(in.u16());
  digest.bytes = TRY(in.u16());
  const auto algorithm = crypto::hash_algorithm(digest.id);
  const bool fits = algorithm ? digest.bytes == crypto::digest_size(*algorithm)
                              : digest.bytes > 0 && digest.bytes <= crypto::kDigestBytesMax;
  if (!fits) return malformed(in, cat("the digest size of algorithm ", digest.id), digest.bytes);
  return digest;
}

/// TCG_EfiSpecIDEventStruct.
Result<std::vector<DigestSize>> read_spec_id(Bytes data) {
  ByteReader in(data, Endian::Little, "Spec ID event");
  TRY(in.take(kSignatureBytes + sizeof(std::uint32_t) + 4));  // platform class, version, errata, size of UINTN
  const std::uint32_t count = TRY(in.u32());
  if (count == 0 || count > kLogAlgorithmsMax)
    return malformed(in, cat("1 to ", kLogAlgorithmsMax, " algorithms"), count);
  std::vector<DigestSize> sizes;
  for (std::uint32_t i = 0; i < count; ++i) {
    const DigestSize digest = TRY(read_digest_size(in));
    if (std::ranges::find(sizes, digest.id, &DigestSize::id) != sizes.end())
      return malformed(in, "each algorithm once", digest.id);
    sizes.push_back(digest);
  }
  TRY(in.take(TRY(in.u8())));  // vendor information
  TRY(in.done());
  return sizes;
}

/// PC Client Platform Firmware Profile §10.4.5.3: the TPM was started at this locality, which PCR 0 begins with.
Result<void> note_startup_locality(Log& log, const Event& event) {
  if (extends(event) || !begins_with(event.data, kStartupLocality)) return {};
  const bool extended = std::ranges::any_of(log.events, [](const Event& e) { return e.pcr == 0 && extends(e); });
  const bool fits = event.pcr == 0 && event.data.size() == kSignatureBytes + 1 && !log.startup_locality && !extended;
  const std::uint8_t locality = event.data.back();
  if (!fits || (locality != 0 && locality != 3 && locality != 4)) {
    return fail(Next::Rejected, kEventLogMalformed,
                cat("event log: expected one startup locality of 0, 3 or 4, before PCR 0 is extended, saw event ",
                    event.index));
  }
  log.startup_locality = locality;
  return {};
}

Result<void> add(Log& log, Event event) {
  if (log.events.size() == kEventsMax) {
    return fail(Next::Rejected, kEventLogTooLong, cat("event log: expected at most ", kEventsMax, " events, saw more"));
  }
  event.index = log.events.size();
  TRY(note_startup_locality(log, event));
  log.events.push_back(std::move(event));
  return {};
}

Result<Log> read_log(Bytes bytes) {
  ByteReader in(bytes, Endian::Little, "event log");
  Event first = TRY(read_sha1_event(in));
  std::vector<DigestSize> sizes;
  Log log{LogFormat::Sha1, {HashAlgorithm::Sha1}, {}, {}};
  if (!extends(first) && begins_with(first.data, kSpecIdEvent03)) {
    sizes = TRY(read_spec_id(first.data));
    log.format = LogFormat::CryptoAgile;
    log.algorithms.clear();
    for (const DigestSize& digest : sizes) {
      if (const auto algorithm = crypto::hash_algorithm(digest.id)) log.algorithms.push_back(*algorithm);
    }
  }
  TRY(add(log, std::move(first)));
  while (in.remaining() > 0) {
    TRY(add(log, TRY(log.format == LogFormat::Sha1 ? read_sha1_event(in) : read_agile_event(in, sizes))));
  }
  return log;
}

}  // namespace

std::string_view name_of(LogFormat format) { return format == LogFormat::Sha1 ? "sha1" : "crypto-agile"; }

Result<Log> parse(Bytes bytes) {
  if (bytes.empty()) return fail(Next::Rejected, kEventLogEmpty, "event log: expected at least one event, saw none");
  if (bytes.size() > kLogBytesMax) {
    return fail(Next::Rejected, kEventLogTooLong,
                cat("event log: expected at most ", kLogBytesMax, " bytes, saw ", bytes.size()));
  }
  auto log = read_log(bytes);
  if (!log && log.error().reason == kBytesTruncated) log.error().reason = kEventLogTruncated;
  if (!log && log.error().reason == kBytesTrailing) log.error().reason = kEventLogMalformed;
  return log;
}

Result<Replay> replay(const Log& log, HashAlgorithm bank) {
  if (std::ranges::find(log.algorithms, bank) == log.algorithms.end()) {
    return fail(Next::NotFound, kEventLogBankMissing,
                cat("event log: expected digests of ", crypto::name_of(bank), ", saw none"));
  }
  Replay out;
  out.pcrs.fill(Blob(crypto::digest_size(bank)));
  out.pcrs[0].back() = log.startup_locality.value_or(0);
  for (const Event& event : log.events) {
    if (!extends(event)) continue;
    Blob& pcr = out.pcrs[event.pcr];
    pcr = crypto::hash(bank, {pcr, digest_of(event, bank)});
    out.extended |= 1u << event.pcr;
  }
  for (unsigned pcr = kDynamicPcrFirst; pcr <= kDynamicPcrLast; ++pcr) {
    if ((out.extended & (1u << pcr)) == 0) std::ranges::fill(out.pcrs[pcr], std::uint8_t{0xFF});
  }
  return out;
}

}  // namespace holdfast::trust::eventlog
