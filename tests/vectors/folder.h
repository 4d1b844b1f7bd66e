// Where vectors lie that nobody here wrote: $HOLDFAST_VECTORS, else ../shared/vectors beside the repository. They are
// no part of the product; a test that finds them missing says so and is skipped.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/bytes.h"
#include "skip.h"

namespace holdfast {

/// The folder `name` of the vectors; empty after skip_program() where it is not there.
inline std::filesystem::path vectors_folder(const char* name) {
  const char* chosen = std::getenv("HOLDFAST_VECTORS");
  std::filesystem::path folder = std::filesystem::path(chosen ? chosen : HOLDFAST_VECTORS_DEFAULT) / name;
  if (std::filesystem::is_directory(folder)) return folder;
  skip_program("the folder of vectors is not there; set HOLDFAST_VECTORS to have it elsewhere");
  return {};
}

inline Blob read_vector(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return Blob(std::istreambuf_iterator<char>(in), {});
}

}  // namespace holdfast
