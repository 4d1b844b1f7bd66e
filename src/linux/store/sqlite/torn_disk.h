// For tests: a disk under SQLite that remembers which writes were synced, so that a test can look at what a power cut
// would leave: everything synced, and of the rest any sectors in any order. Registered as SQLite's default VFS while it
// lives. Creating a file counts as durable.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace holdfast::linux::store::sqlite {

class TornDisk {
 public:
  TornDisk();
  TornDisk(const TornDisk&) = delete;
  TornDisk& operator=(const TornDisk&) = delete;
  ~TornDisk();

  /// Somebody synced a file past SQLite, through a descriptor of his own.
  void synced(const std::string& path);
  /// What the disk may hold after a power cut now, by path; the seed decides over what was not synced.
  std::map<std::string, Blob> after_power_cut(std::uint64_t seed);
  /// From now on writes to the write-ahead log find no room (or do again).
  void set_full(bool full);
  /// From now on SQLite's own syncs fail.
  void break_syncs();

  // Called by the VFS.
  void opened(const std::string& path, Bytes content);
  void wrote(const std::string& path, Bytes bytes, std::size_t offset);
  void truncated(const std::string& path, std::size_t size);
  void deleted(const std::string& path);
  bool refuses_write(const std::string& path);
  bool refuses_sync();

 private:
  struct Change {
    std::size_t offset;  ///< or the new size
    Blob bytes;          ///< empty: a truncation
  };
  struct File {
    Blob durable;
    std::vector<Change> pending;
  };

  struct Registered;

  std::unique_ptr<Registered> registered_;
  std::mutex mutex_;
  std::map<std::string, File> files_;
  bool full_ = false;
  bool syncs_broken_ = false;
};

}  // namespace holdfast::linux::store::sqlite
