#include "service/backup/backup.h"

#include <algorithm>

#include "base/json/value.h"
#include "base/text.h"
#include "fails_with.h"
#include "ports/store/rows/access.h"
#include "ports/store/rows/attestation.h"
#include "ports/store/rows/certificate.h"
#include "ports/store/rows/claim.h"
#include "ports/store/rows/est.h"
#include "ports/store/rows/kept_answer.h"
#include "ports/store/shape.h"
#include "service/appraise/policies.h"
#include "service/approval/approvals.h"
#include "service/audit/audit.h"
#include "service/backup/restore.h"
#include "service/backup/tables.h"
#include "service/claim/tickets.h"
#include "service/identity/authorities.h"
#include "service/numbers.h"
#include "service/startup/startup.h"
#include "soft_device.h"

namespace holdfast::service::backup {
namespace {

using tests::kAcme;
using tests::ServiceWorld;
using tests::SoftDevice;

class Tape final : public Sink, public Source {
 public:
  Result<void> write(Bytes bytes) override {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return {};
  }
  Result<void> rewind() override {
    bytes_.clear();
    return {};
  }
  Result<Blob> read(std::size_t size) override {
    if (bytes_.size() - at_ < size) return fail(Next::Corrupt, kArchiveMalformed, "the end came too soon");
    at_ += size;
    return to_blob(Bytes(bytes_).subspan(at_ - size, size));
  }
  Tape& from_start() {
    at_ = 0;
    return *this;
  }
  Blob& bytes() { return bytes_; }

 private:
  Blob bytes_;
  std::size_t at_ = 0;
};

/// A device that is healthy, and an operator; yesterday's backup of both.
struct World : ServiceWorld {
  World() {
    REQUIRE(owner().allow(deps(), tests::good_image(), now()));
    device.join();
    REQUIRE(device.verdict() == "healthy");
    token("ada", Scope::Own);
  }
  Summary back_up() {
    auto random = fork("backup");
    auto made = backup::back_up(store(), deps().keyring, random, tape, now());
    REQUIRE(made);
    return *std::move(made);
  }
  void lose_everything() {
    REQUIRE(write([](ports::Transaction& tx) -> Result<void> {
      for (const ports::Schema* schema : tables()) {
        for (const auto& row : TRY(tx.scan(*schema, {.limit = ports::kScanRowsMax}))) {
          TRY(tx.erase(*schema, ports::key_of(*schema, row)));
        }
      }
      return {};
    }));
  }
  Result<Restored> restore(const Choice& choice = {}) {
    return backup::restore(store(), deps().keyring, tape.from_start(), choice, now());
  }
  /// The service as it was at the backup, after whatever happened since.
  void go_back() {
    pass(hours(20));
    lose_everything();
    REQUIRE(restore());
  }
  Result<Summary> verify() { return backup::verify(deps().keyring, tape.from_start()); }

  SoftDevice device{*this, "a"};
  Tape tape;
};

std::int64_t policy_version(World& world) {
  std::int64_t out = 0;
  world.read([&](ports::Transaction& tx) -> Result<void> {
    out = TRY(appraise::next_policy(tx, kAcme, "default", TRY(json::parse(as_bytes(R"({"version":1})"))))).version;
    return {};
  });
  return out;
}

}  // namespace

TEST_CASE("a backup is verified to hold every row of every table") {
  World world;
  const Summary made = world.back_up();
  const auto seen = world.verify();
  REQUIRE(seen);
  CHECK(seen->rows.at("devices") == 1);
  CHECK(seen->rows.at("operators") == 1);
  CHECK(seen->total == made.total);
  CHECK(seen->header.id == made.header.id);
  CHECK(made.rows.size() == tables().size());
}

TEST_CASE("a restored service knows what it knew, row by row, but for what it must not trust any more") {
  World world;
  world.back_up();
  std::map<std::string_view, std::vector<ports::Record>> before;
  const auto all = [&](const ports::Schema& schema) {
    std::vector<ports::Record> rows;
    world.read([&](ports::Transaction& tx) -> Result<void> {
      rows = TRY(tx.scan(schema, {.limit = ports::kScanRowsMax}));
      return {};
    });
    return rows;
  };
  for (const auto* schema : tables()) before[schema->table] = all(*schema);
  world.lose_everything();
  REQUIRE(world.restore({.keep_operators = true}));
  for (const auto* schema : tables()) {
    constexpr std::string_view kChanged[] = {"audit",         "audit_heads",        "certificates",
                                             "settings",      "revocation_changes", "nonces",
                                             "claim_tickets", "enroll_challenges",  "owner_links"};
    if (std::ranges::find(kChanged, schema->table) != std::end(kChanged)) continue;
    INFO(schema->table);
    CHECK(all(*schema) == before[schema->table]);
  }
}

TEST_CASE("a device that was there at the backup attests anew and is healthy, under the same id") {
  World world;
  world.back_up();
  const std::string id = world.device.id();
  world.go_back();
  for (const auto& row : world.rows<ports::CertificateRow>(kAcme)) CHECK(row.state != ports::CertificateState::Valid);
  CHECK(world.device.verdict() == "healthy");
  CHECK(world.device.id() == id);
}

TEST_CASE("a device that enrolled after the backup comes back as itself with a new ticket") {
  World world;
  world.back_up();
  SoftDevice later(world, "later");
  later.join();
  const std::string id = later.id();
  world.go_back();
  CHECK_FALSE(later.begin());
  REQUIRE(world.owner().expect_key(world.deps(), later.ek_sha256(), world.now()));
  later.boot();
  REQUIRE(later.enroll(*world.owner().ticket(world.deps(), {}, world.now())));
  CHECK(later.id() == id);
  CHECK(later.verdict() == "healthy");
}

TEST_CASE("neither a ticket that was consumed after the backup nor one that may have been works again") {
  World world;
  const Blob spent = *world.owner().ticket(world.deps(), {}, world.now());
  const Blob unspent = *world.owner().ticket(world.deps(), {}, world.now());
  world.back_up();
  SoftDevice b(world, "b");
  SoftDevice c(world, "c");
  REQUIRE(world.owner().expect_key(world.deps(), b.ek_sha256(), world.now()));
  REQUIRE(b.enroll(spent));
  world.pass(hours(1));
  world.lose_everything();
  const auto restored = world.restore();
  REQUIRE(restored);
  CHECK(restored->tickets_ended == 2);
  REQUIRE(world.owner().expect_key(world.deps(), c.ek_sha256(), world.now()));
  CHECK(fails_with(c.enroll(spent), claim::kTicketExpired));
  CHECK(fails_with(c.enroll(unspent), claim::kTicketExpired));
}

TEST_CASE("a thing's secret that may have been used since the backup ends with the restore, and so do kept answers") {
  World world;
  const ports::ThingRow unused{std::string(tests::kAcme), "printer-3", Digest256{1}, "operator:ada", world.now(),
                               world.now() + days(7),     {}};
  world.insert(unused);
  world.insert(ports::KeptAnswerRow{.caller = "operator:ada",
                                    .key = "again",
                                    .number = 1,
                                    .request_sha256 = {},
                                    .status = 201,
                                    .sealed_body = {},
                                    .expires_at = world.now() + hours(24)});
  world.back_up();
  world.lose_everything();
  REQUIRE(world.restore());
  CHECK(world.find<ports::ThingRow>(tests::kAcme, "printer-3")->expires_at <= world.now());
  CHECK_FALSE(world.find<ports::KeptAnswerRow>("operator:ada", "again"));
}

TEST_CASE("a nonce and a challenge from before the backup are worth nothing after it") {
  World world;
  SoftDevice other(world, "b");
  REQUIRE(world.owner().expect_key(world.deps(), other.ek_sha256(), world.now()));
  const auto nonce = world.device.nonce();
  const auto challenge = other.begin();
  REQUIRE(challenge);
  world.back_up();
  world.lose_everything();
  REQUIRE(world.restore());
  CHECK_FALSE(world.device.show(world.device.evidence(nonce)));
  CHECK_FALSE(other.prove(*challenge));
}

TEST_CASE("numbers that may have been given after the backup are not given again") {
  World world;
  world.back_up();
  const std::int64_t before = policy_version(world);
  world.go_back();
  CHECK(policy_version(world) == before + kNumbersSkipped);
  REQUIRE(world.write([&](ports::Transaction& tx) -> Result<void> {
    const auto key = TRY(
        identity::prepare_authority(tx, world.deps(), kAcme, ports::KeyPurpose::ClientCa, tests::kAda, world.now()));
    CHECK(key.number == 2 + kNumbersSkipped);
    return {};
  }));
}

TEST_CASE("each audit chain says that it goes on from a backup, and a head that was seen later is not in it") {
  World world;
  world.back_up();
  SoftDevice(world, "b").join();
  ports::AuditHeadRow later;
  world.read([&](ports::Transaction& tx) -> Result<void> {
    later = TRY(audit::head(tx, kAcme));
    return {};
  });
  world.go_back();
  CHECK(world.audited(kAcme).back() == "service.restored");
  CHECK(world.audited("").back() == "service.restored");
  world.read([&](ports::Transaction& tx) -> Result<void> {
    CHECK_FALSE(TRY(audit::contains(tx, later)));
    return {};
  });
}

TEST_CASE("operators and their tokens end with the restore, and the next start hands over an owner link") {
  World world;
  world.back_up();
  world.go_back();
  CHECK(world.rows<ports::OperatorRow>().empty());
  CHECK(startup::owner_link(world.deps(), world.now())->has_value());
}

TEST_CASE("a byte that was changed anywhere is noticed") {
  World world;
  world.back_up();
  const Blob whole = world.tape.bytes();
  for (std::size_t at = 0; at < whole.size(); at += 1 + whole.size() / 97) {
    world.tape.bytes() = whole;
    world.tape.bytes()[at] ^= 0x04;
    INFO("byte ", at);
    CHECK_FALSE(world.verify());
  }
}

TEST_CASE("an archive that was cut off is noticed, and a restore from it leaves what no service starts on") {
  World world;
  world.back_up();
  const Blob whole = world.tape.bytes();
  for (std::size_t size = 0; size < whole.size(); size += 1 + whole.size() / 61) {
    world.tape.bytes().assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_FALSE(world.verify());
  }
  world.tape.bytes().assign(whole.begin(), whole.end() - 1);
  world.lose_everything();
  CHECK_FALSE(world.restore());
  CHECK(fails_with(startup::require_whole(world.deps()), startup::kRestoreCutOff));
  world.lose_everything();
  world.tape.bytes() = whole;
  REQUIRE(world.restore());
  CHECK(startup::require_whole(world.deps()));
}

TEST_CASE("a backup opens with its service key alone") {
  World world;
  world.back_up();
  auto random = world.fork("other");
  const Keyring other(Secret(Blob(kServiceKeyBytes, 0x77)), random);
  CHECK(fails_with(backup::verify(other, world.tape.from_start()), kArchiveOfAnotherKey));
}

TEST_CASE("nothing is restored over what is there") {
  World world;
  world.back_up();
  CHECK(fails_with(world.restore(), kDatabaseNotEmpty));
  CHECK(world.device.verdict() == "healthy");
}

TEST_CASE("a backup by an older version lacks a column and is restored with NULL there") {
  const auto unknown = Layout::of({"catalogues", {"name"}});
  CHECK(fails_with(unknown, kTableUnknown));
  const ports::Schema& schema = **std::ranges::find(tables(), "catalogs", [](const auto* one) { return one->table; });
  std::vector<std::string> columns;
  ports::Record row;
  for (const ports::Column& column : schema.columns) {
    if (column.nullable) continue;
    columns.emplace_back(column.name);
    row.push_back(column.kind == ports::FieldKind::Integer ? ports::Field(std::int64_t{0})
                  : column.kind == ports::FieldKind::Text  ? ports::Field(std::string("x"))
                                                           : ports::Field(Blob{1}));
  }
  REQUIRE(columns.size() < schema.columns.size());
  const auto older = Layout::of({"catalogs", columns});
  REQUIRE(older);
  const auto arranged = older->arranged(row);
  REQUIRE(arranged);
  CHECK(arranged->size() == schema.columns.size());
}

}  // namespace holdfast::service::backup
