// An object taken apart, each member once, with bounds; done() refuses members that nobody asked for. This is how every
// message and document of ours is read.
#pragma once

#include "base/json/value.h"
#include "base/time.h"

namespace holdfast::json {

class Fields {
 public:
  /// `what` names the object in errors and must outlive the reader, as must `value`.
  static Result<Fields> of(const Value& value, std::string_view what);

  bool has(std::string_view name) const;  ///< present and not null

  Result<std::string> text(std::string_view name, std::size_t bytes_max);
  Result<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
  Result<bool> boolean(std::string_view name);
  Result<WallTime> time(std::string_view name);  ///< RFC 3339
  Result<Blob> base64(std::string_view name, std::size_t bytes_max);
  Result<Blob> hex(std::string_view name, std::size_t bytes_max);
  Result<Digest256> digest256(std::string_view name);  ///< 64 hex digits
  Result<const Array*> array(std::string_view name, std::size_t size_max);
  Result<std::vector<std::string>> texts(std::string_view name, std::size_t size_max, std::size_t bytes_max);
  Result<std::vector<Blob>> base64s(std::string_view name, std::size_t size_max, std::size_t bytes_max);
  Result<const Value*> value(std::string_view name);
  Result<Fields> object(std::string_view name);
  /// Marks a member as known and passes over it.
  void ignore(std::string_view name);

  Result<void> done() const;

 private:
  Fields(const Object& members, std::string_view what) : members_(&members), what_(what), taken_(members.size()) {}
  Result<const Value*> take(std::string_view name);
  std::unexpected<Error> wrong(std::string_view name, std::string_view expected, std::string_view seen) const;

  const Object* members_;
  std::string_view what_;
  std::vector<bool> taken_;
};

}  // namespace holdfast::json
