// The tables of the contract tests: one of every shape that an engine might store differently.
#pragma once

#include "ports/store/migration.h"
#include "ports/store/table_codec.h"

namespace holdfast::contract {

/// A wide row with every kind of column and index.
struct Ship {
  std::string fleet;
  std::int64_t number = 0;
  Blob hull;
  std::optional<std::string> home;
  std::int64_t crew = 0;
  std::optional<std::int64_t> radio;

  static const ports::Schema& schema();
  auto fields() { return std::tie(fleet, number, hull, home, crew, radio); }
  auto fields() const { return std::tie(fleet, number, hull, home, crew, radio); }
  friend bool operator==(const Ship&, const Ship&) = default;
};
inline constexpr std::string_view kShipsByHull = "ships_by_hull";    ///< unique
inline constexpr std::string_view kShipsByRadio = "ships_by_radio";  ///< unique: fleet, radio; radio may be NULL
inline constexpr std::string_view kShipsByHome = "ships_by_home";    ///< home, crew; home may be NULL

/// Nothing but numbers behind a text key.
struct Counter {
  std::string name;
  std::int64_t value = 0;

  static const ports::Schema& schema();
  auto fields() { return std::tie(name, value); }
  auto fields() const { return std::tie(name, value); }
};

/// One number as the key.
struct Entry {
  std::int64_t number = 0;
  std::string note;

  static const ports::Schema& schema();
  auto fields() { return std::tie(number, note); }
  auto fields() const { return std::tie(number, note); }
};

/// All key.
struct Membership {
  Blob group;
  std::string member;

  static const ports::Schema& schema();
  auto fields() { return std::tie(group, member); }
  auto fields() const { return std::tie(group, member); }
};

const std::vector<ports::Migration>& contract_migrations();

/// A ship whose unique values follow from its number.
Ship ship(std::string fleet, std::int64_t number, std::optional<std::string> home = {}, std::int64_t crew = 0);

}  // namespace holdfast::contract
