#include "linux/store/postgres/session.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "linux/store/postgres/values.h"

namespace holdfast::linux::store::postgres {
namespace {

using ResultHandle = std::unique_ptr<PGresult, decltype(&PQclear)>;

constexpr int kServerVersionMin = 140000;
constexpr std::size_t kStatementsMax = 500;  ///< beyond, all are prepared anew
constexpr int kBinary = 1;
constexpr std::string_view kDivisionByZero = "22012";  ///< only changed_one_or_fails() divides

/// All our statements walk an index, and none is worth planning twice. Commits do not wait for the disk; flushes do.
constexpr const char* kSettings[] = {
    "SET enable_seqscan = off",
    "SET enable_bitmapscan = off",
    "SET jit = off",
    "SET plan_cache_mode = force_generic_plan",
    "SET synchronous_commit = off",
    "SET lock_timeout = '10s'",
    "SET idle_in_transaction_session_timeout = '30s'",
};

bool is_any_of(std::string_view state, std::initializer_list<std::string_view> prefixes) {
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return state.starts_with(prefix); });
}

/// SQLSTATE (PostgreSQL's appendix A) as an error of ours.
std::unexpected<Error> error_of(std::string_view state, std::string_view said) {
  const std::string message = cat("expected the database to answer, PostgreSQL said: ", printable(said));
  if (is_any_of(state, {"40001", "40P01"})) return fail(Next::Retry, kNotSerializable, message);
  if (is_any_of(state, {"23505"})) return fail(Next::Conflict, ports::kRowExists, message);
  if (is_any_of(state, {kDivisionByZero})) return fail(Next::NotFound, ports::kRowMissing, message);
  if (is_any_of(state, {"08", "57P", "25006"})) return fail(Next::Retry, kSessionLost, message);
  if (is_any_of(state, {"55P03", "57014"})) return fail(Next::Retry, ports::kStoreBusy, message);
  if (is_any_of(state, {"53", "54"})) return fail(Next::Exhausted, ports::kStoreFailed, message);
  if (is_any_of(state, {"28", "3D", "42501"})) return fail(Next::Denied, ports::kStoreFailed, message);
  if (is_any_of(state, {"XX001", "XX002", "42"})) return fail(Next::Corrupt, ports::kStoreFailed, message);
  return fail(Next::Retry, ports::kStoreFailed, message);
}

std::unexpected<Error> unreachable(const PGconn* connection) {
  return fail(Next::Retry, kSessionLost,
              cat("expected to reach the database: ", printable(PQerrorMessage(connection), 500)));
}

PGconn* connect(const std::string& url, const Preference& preference) {
  const Servers servers = servers_of(url, preference);
  // What the URL says wins over what stands before it, and loses against what stands behind it.
  constexpr std::array kNames = {"application_name",
                                 "connect_timeout",
                                 "tcp_user_timeout",
                                 "keepalives_idle",
                                 "keepalives_interval",
                                 "keepalives_count",
                                 "dbname",
                                 "target_session_attrs",
                                 "client_encoding",
                                 "host",
                                 "hostaddr",
                                 "port",
                                 static_cast<const char*>(nullptr)};
  // An empty value counts as none.
  const std::array values = {"holdfastd",
                             "3",
                             "5000",
                             "10",
                             "3",
                             "2",
                             url.c_str(),
                             "read-write",
                             "UTF8",
                             servers.host.c_str(),
                             servers.hostaddr.c_str(),
                             servers.port.c_str(),
                             static_cast<const char*>(nullptr)};
  return PQconnectdbParams(kNames.data(), values.data(), 1);
}

}  // namespace

Result<std::unique_ptr<Session>> Session::open(const std::string& url, const Preference& preference,
                                               const Patience& patience) {
  std::unique_ptr<Session> session(new Session(connect(url, preference), patience));
  if (PQstatus(session->connection_) != CONNECTION_OK) return unreachable(session->connection_);
  TRY(session->require_fit());
  const auto hear = [](void* to, const PGresult* notice) {
    const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity != nullptr && std::string_view(severity) == "WARNING") static_cast<Session*>(to)->warned_ = true;
  };
  PQsetNoticeReceiver(session->connection_, hear, session.get());
  if (PQenterPipelineMode(session->connection_) != 1) return unreachable(session->connection_);
  for (const char* setting : kSettings) session->post(setting);
  TRY(session->collect());
  return session;
}

Result<void> Session::require_fit() const {
  if (const int version = PQserverVersion(connection_); version < kServerVersionMin) {
    return fail(Next::Rejected, kDatabaseUnfit,
                cat("expected PostgreSQL ", kServerVersionMin / 10000, " or newer, saw version ", version / 10000));
  }
  const char* encoding = PQparameterStatus(connection_, "server_encoding");
  if (encoding != nullptr && std::string_view(encoding) == "UTF8") return {};
  return fail(Next::Rejected, kDatabaseUnfit,
              cat("expected a database with the encoding UTF8, saw ", encoding == nullptr ? "none" : encoding));
}

std::string Session::server() const { return cat(PQhost(connection_), ":", PQport(connection_)); }

Session::~Session() { PQfinish(connection_); }

void Session::sent(int accepted, Awaited awaited, const sql::StatementKey& key) {
  if (accepted == 1) {
    awaited_.push_back({awaited, key});
  } else if (!lost_) {
    lost_ = unreachable(connection_).error();
  }
}

void Session::post(const std::string& text, Awaited awaited) {
  sent(PQsendQueryParams(connection_, text.c_str(), 0, nullptr, nullptr, nullptr, nullptr, kBinary), awaited);
}

void Session::post_boundary() { sent(PQpipelineSync(connection_), Awaited::Boundary); }

void Session::prepare(const sql::StatementKey& key, const std::string& text) {
  if (statements_.size() >= kStatementsMax) {
    post("DEALLOCATE ALL");
    statements_.clear();
  }
  const std::string name = cat("s", ++named_);
  sent(PQsendPrepare(connection_, name.c_str(), text.c_str(), 0, nullptr), Awaited::Prepared, key);
  statements_.emplace(key, name);
}

void Session::execute(const sql::StatementKey& key, const ports::Record& values, Awaited awaited) {
  const Parameters parameters(values);
  sent(PQsendQueryPrepared(connection_, statements_.at(key).c_str(), parameters.count(), parameters.values(),
                           parameters.sizes(), parameters.formats(), kBinary),
       awaited);
}

Result<Answer> Session::run(const std::string& text) {
  post(text, Awaited::Rows);
  return collect();
}

Result<Answer> Session::collect() {
  if (awaited_.empty() || awaited_.back().awaited != Awaited::Boundary) post_boundary();
  Answer answer;
  std::optional<Error> first;
  const auto until = std::chrono::steady_clock::now() + patience_.answers_within;
  for (; !awaited_.empty() && !lost_; awaited_.pop_front()) {
    Result<void> taken = wait_for_answer(until);
    if (taken) taken = take_answer(awaited_.front(), answer);
    if (!taken && !first) first = taken.error();
  }
  if (lost_) return std::unexpected(first ? *first : *lost_);
  if (first) return std::unexpected(*first);
  return answer;
}

/// PQgetResult() would wait for as long as it takes.
Result<void> Session::wait_for_answer(std::chrono::steady_clock::time_point until) {
  while (PQisBusy(connection_) == 1) {
    if (patience_.over != nullptr && *patience_.over) {
      lost_ = Error{Next::Retry, kSessionLost, "expected an answer of the database, saw that another session lost it"};
    } else if (std::chrono::steady_clock::now() >= until) {
      lost_ = Error{Next::Retry, kSessionLost,
                    cat("expected an answer of the database within ", patience_.answers_within.count(),
                        " ms, saw none; a primary that waits for its synchronous standby answers no commit")};
    }
    if (lost_) return std::unexpected(*lost_);
    pollfd one{.fd = PQsocket(connection_), .events = POLLIN, .revents = 0};
    ::poll(&one, 1, static_cast<int>(kOverSeenWithin.count()));
    if (PQconsumeInput(connection_) != 1) return {};  // the result says why
  }
  return {};
}

Result<void> Session::take_answer(const Posted& posted, Answer& answer) {
  const ResultHandle result(PQgetResult(connection_), &PQclear);
  if (result == nullptr) return lose();
  Result<void> taken = take_result(posted, *result, answer);
  // Each statement's answer ends with a null; a boundary's does not.
  if (posted.awaited != Awaited::Boundary) {
    while (const ResultHandle rest{PQgetResult(connection_), &PQclear}) {
    }
  }
  return taken;
}

Result<void> Session::take_result(const Posted& posted, const PGresult& result, Answer& answer) {
  switch (PQresultStatus(&result)) {
    case PGRES_PIPELINE_SYNC:
    case PGRES_COMMAND_OK:
      if (posted.awaited == Awaited::OneChange) {
        answer.each_changed_one &= std::string_view(PQcmdTuples(const_cast<PGresult*>(&result))) == "1";
      }
      return {};
    case PGRES_TUPLES_OK:
      if (posted.awaited == Awaited::Rows) append_rows(result, answer.rows);
      return {};
    case PGRES_PIPELINE_ABORTED:
      if (posted.awaited == Awaited::Prepared) statements_.erase(posted.key);
      return {};  // the error that led to it was told before
    default:
      if (posted.awaited == Awaited::Prepared) statements_.erase(posted.key);
      return failure(result);
  }
}

std::unexpected<Error> Session::lose() {
  if (!lost_) lost_ = unreachable(connection_).error();
  return std::unexpected(*lost_);
}

std::unexpected<Error> Session::failure(const PGresult& result) {
  const char* state = PQresultErrorField(&result, PG_DIAG_SQLSTATE);
  const char* said = PQresultErrorField(&result, PG_DIAG_MESSAGE_PRIMARY);
  if (PQstatus(connection_) != CONNECTION_OK || state == nullptr) return lose();
  auto error = error_of(state, said == nullptr ? "" : said);
  if (error.error().reason == kSessionLost) lost_ = error.error();
  return error;
}

}  // namespace holdfast::linux::store::postgres
