// A PostgreSQL server of the test's own: started as another user than root, reachable by a socket in its folder, gone
// with the object.
#pragma once

#include <sys/types.h>

#include "temporary_folder.h"

namespace holdfast::tests {

class PostgresServer {
 public:
  static bool is_installed();

  PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer();

  /// A URL of a new, empty database, as a role that is no superuser.
  std::string new_database();
  std::string url(const std::string& database) const;
  /// Runs a statement as the superuser.
  void run(const std::string& sql, const std::string& database = "postgres") const;

  /// As a power cut, but for what the kernel still holds: no process of the server gets to write what it has in memory.
  void crash();
  void start();

 private:
  pid_t spawn() const;
  int run_tool(const std::string& command) const;

  TemporaryFolder folder_;
  std::string as_user_;  ///< in front of a command: changes to the server's user
  pid_t process_ = -1;
  int databases_ = 0;
};

}  // namespace holdfast::tests
