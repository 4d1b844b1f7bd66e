// Two small tables for the tests of this directory.
#pragma once

#include "ports/store/migration.h"
#include "ports/store/table_codec.h"

namespace holdfast::linux::store::sqlite {

struct Note {
  std::int64_t number = 0;
  std::string text;

  static const ports::Schema& schema() {
    using ports::FieldKind;
    static const ports::Schema kSchema{"notes", {{"number", FieldKind::Integer}, {"text", FieldKind::Text}}, 1, {}};
    return kSchema;
  }
  auto fields() { return std::tie(number, text); }
  auto fields() const { return std::tie(number, text); }
};

struct Tally {
  std::string name;
  std::int64_t value = 0;

  static const ports::Schema& schema() {
    using ports::FieldKind;
    static const ports::Schema kSchema{"tallies", {{"name", FieldKind::Text}, {"value", FieldKind::Integer}}, 1, {}};
    return kSchema;
  }
  auto fields() { return std::tie(name, value); }
  auto fields() const { return std::tie(name, value); }
};

inline const std::vector<ports::Migration>& test_migrations() {
  using ports::CreateTable;
  static const std::vector<ports::Migration> kMigrations = {
      {1, "notes", {CreateTable{&Note::schema()}}},
      {2, "tallies", {CreateTable{&Tally::schema()}}},
  };
  return kMigrations;
}

}  // namespace holdfast::linux::store::sqlite
