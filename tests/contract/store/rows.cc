#include "contract/store/rows.h"

#include "base/text.h"

namespace holdfast::contract {

using ports::FieldKind;
using ports::Schema;

const Schema& Ship::schema() {
  static const Schema kSchema{
      "ships",
      {{"fleet", FieldKind::Text},
       {"number", FieldKind::Integer},
       {"hull", FieldKind::Blob},
       {"home", FieldKind::Text, true},
       {"crew", FieldKind::Integer},
       {"radio", FieldKind::Integer, true}},
      2,
      {{kShipsByHull, {2}, true}, {kShipsByRadio, {0, 5}, true}, {kShipsByHome, {3, 4}, false}}};
  return kSchema;
}

const Schema& Counter::schema() {
  static const Schema kSchema{"counters", {{"name", FieldKind::Text}, {"value", FieldKind::Integer}}, 1, {}};
  return kSchema;
}

const Schema& Entry::schema() {
  static const Schema kSchema{"entries", {{"number", FieldKind::Integer}, {"note", FieldKind::Text}}, 1, {}};
  return kSchema;
}

const Schema& Membership::schema() {
  static const Schema kSchema{"memberships", {{"group", FieldKind::Blob}, {"member", FieldKind::Text}}, 2, {}};
  return kSchema;
}

const std::vector<ports::Migration>& contract_migrations() {
  using ports::CreateTable;
  static const std::vector<ports::Migration> kMigrations = {
      {1, "ships and counters", {CreateTable{&Ship::schema()}, CreateTable{&Counter::schema()}}},
      {2, "entries and memberships", {CreateTable{&Entry::schema()}, CreateTable{&Membership::schema()}}},
  };
  return kMigrations;
}

Ship ship(std::string fleet, std::int64_t number, std::optional<std::string> home, std::int64_t crew) {
  const Blob hull = to_blob(as_bytes(cat(fleet, "/", number)));
  return {
      .fleet = std::move(fleet), .number = number, .hull = hull, .home = std::move(home), .crew = crew, .radio = {}};
}

}  // namespace holdfast::contract
