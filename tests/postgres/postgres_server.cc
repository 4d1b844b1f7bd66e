#include "postgres/postgres_server.h"

#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "base/check.h"
#include "base/text.h"

namespace holdfast::tests {
namespace {

constexpr const char* kPrograms = "/usr/lib/postgresql/15/bin/";
constexpr const char* kServerUser = "postgres";  // Debian's package makes it
constexpr const char* kRole = "holdfast";

/// Commits must reach the disk, but nothing here need survive the machine.
constexpr const char* kConfiguration =
    "listen_addresses = ''\n"
    "max_connections = 100\n"
    "shared_buffers = 32MB\n"
    "recovery_init_sync_method = syncfs\n"  // else every file is synced at each start after a crash
    "log_min_messages = fatal\n";

/// Whether some process works in this folder, as all of a server's do.
bool has_processes(const std::filesystem::path& folder) {
  for (const auto& process : std::filesystem::directory_iterator("/proc")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(process.path() / "cwd", gone) == folder) return true;
  }
  return false;
}

}  // namespace

bool PostgresServer::is_installed() {
  const bool has_user = geteuid() != 0 || getpwnam(kServerUser) != nullptr;
  return has_user && access(cat(kPrograms, "postgres").c_str(), X_OK) == 0;
}

PostgresServer::PostgresServer() {
  using std::filesystem::perms;
  std::filesystem::permissions(folder_.path(),
                               perms::group_read | perms::group_exec | perms::others_read | perms::others_exec,
                               std::filesystem::perm_options::add);
  const auto data = folder_.path() / "server";
  std::filesystem::create_directory(data);
  if (geteuid() == 0) {
    const passwd* user = getpwnam(kServerUser);
    CHECK_INVARIANT(user != nullptr && chown(data.c_str(), user->pw_uid, user->pw_gid) == 0);
    as_user_ = cat("setpriv --reuid ", kServerUser, " --regid ", kServerUser, " --init-groups ");
  }
  CHECK_INVARIANT(run_tool(cat("initdb --no-sync -A trust -U admin -E UTF8 --locale C.UTF-8 -D ", data.string())) == 0);
  std::ofstream(data / "postgresql.conf", std::ios::app) << kConfiguration;
  start();
  run(cat("CREATE ROLE ", kRole, " LOGIN"));
}

PostgresServer::~PostgresServer() {
  if (process_ <= 0) return;
  kill(process_, SIGQUIT);
  waitpid(process_, nullptr, 0);
}

int PostgresServer::run_tool(const std::string& command) const {
  const std::string folder = folder_.path().string();
  const std::string line = cat("cd ", folder, " && PGHOST=", folder, "/server PGUSER=admin ", as_user_, kPrograms,
                               command, " >", folder, "/tool.log 2>&1 </dev/null");
  const pid_t child = fork();
  CHECK_INVARIANT(child >= 0);
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
    _exit(127);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

pid_t PostgresServer::spawn() const {
  const std::string data = (folder_.path() / "server").string();
  const std::string command = cat("cd ", data, " && exec ", as_user_.empty() ? "" : as_user_ + "--pdeathsig QUIT ",
                                  kPrograms, "postgres -D ", data, " -k ", data, " >>", data, "/log 2>&1 </dev/null");
  const pid_t child = fork();
  CHECK_INVARIANT(child >= 0);
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  return child;
}

void PostgresServer::start() {
  process_ = spawn();
  for (int tries = 0; run_tool("pg_isready -q") != 0; ++tries) {
    CHECK_INVARIANT(tries < 600);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    // It refuses to start while a process of the crashed one is still there.
    if (waitpid(process_, nullptr, WNOHANG) == process_) process_ = spawn();
  }
}

void PostgresServer::crash() {
  // Without their first process the others end soon, and their shared memory with them.
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = -1;
  for (int tries = 0; has_processes(folder_.path() / "server"); ++tries) {
    CHECK_INVARIANT(tries < 3'000);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

std::string PostgresServer::url(const std::string& database) const {
  return cat("postgres:///", database, "?host=", (folder_.path() / "server").string(), "&user=", kRole);
}

std::string PostgresServer::new_database() {
  const std::string name = cat("test_", ++databases_);
  CHECK_INVARIANT(run_tool(cat("createdb -O ", kRole, " ", name)) == 0);
  return url(name);
}

void PostgresServer::run(const std::string& sql, const std::string& database) const {
  CHECK_INVARIANT(run_tool(cat("psql -q -v ON_ERROR_STOP=1 -d ", database, " -c \"", sql, "\"")) == 0);
}

}  // namespace holdfast::tests
