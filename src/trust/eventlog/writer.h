// Writes a crypto-agile SHA-256 event log: the Spec ID event, then events in the order in which they were extended.
// The virtual device's boot program measures with it, the first process notes its separator; tests rewrite real logs.
#pragma once

#include "trust/eventlog/event.h"

namespace holdfast::trust::eventlog {

class LogWriter {
 public:
  LogWriter();
  /// Behind the last event of a log.
  explicit LogWriter(Blob log) : out_(std::move(log)) {}

  /// An event whose digest is that of its data; returns the digest to extend.
  Digest256 append(std::uint32_t pcr, std::uint32_t type, Bytes data);
  /// An event that measures something else than its data.
  void append(std::uint32_t pcr, std::uint32_t type, const Digest256& digest, Bytes data);
  /// An event of another log, which must carry a SHA-256 digest.
  void append(const Event& event);

  const Blob& bytes() const { return out_; }

 private:
  Blob out_;
};

}  // namespace holdfast::trust::eventlog
