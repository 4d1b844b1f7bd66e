// What each command is given, and the options that it gets for it: a session with the service, the catalog that is
// meant, the format of its output. A command is a function of these and nothing else.
#pragma once

#include "cli/arguments/values.h"
#include "cli/output/show.h"
#include "cli/session/session.h"

namespace holdfast::cli::commands {

struct Call {
  World& world;
  const Arguments& arguments;
  Format format;
  Session& session;
  std::string catalog;  ///< empty where the command names none

  const std::string& text(std::string_view name) const { return arguments.text(name); }
  /// `/v1/catalogs/<catalog>/…`
  template <class... Segments>
  std::string path(const Segments&... segments) const {
    return path_of({"catalogs", catalog, segments...});
  }
};

using InService = Result<void> (*)(Call&);
using Offline = Result<void> (*)(World&, const Arguments&);

/// A command that talks to the service: `--config` and `--output` are added.
Command in_service(World& world, Command command, InService run);
/// The same about one catalog: `--catalog` is added, and may be left out where login or `catalog create` left one.
Command in_catalog(World& world, Command command, InService run);
/// A command that talks to nobody.
Command offline(World& world, Command command, Offline run);

/// `--limit`, for a command that lists.
const Option& limit_option();
/// The items of a list, up to `--limit`; a filter such as `--device-group` goes into the query as `device_group`.
Result<json::Array> items_of(const Call& call, std::string path, std::initializer_list<std::string_view> filters = {});

/// A group's summary.
Command group(std::string path, std::string summary);

/// Reads a file that a caller named, and says which one where it does not parse.
Result<Blob> read_file(World& world, const std::string& file, std::size_t bytes_max);

}  // namespace holdfast::cli::commands
