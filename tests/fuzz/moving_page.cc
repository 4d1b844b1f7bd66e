// A page of an exported catalog: whatever is taken from it are rows of that catalog alone, in the shape of their table,
// and no private key.
#include <cstdint>

#include "base/check.h"
#include "ports/store/rows/certificate.h"
#include "ports/store/shape.h"
#include "ports/store/table_codec.h"
#include "service/moving/page.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const auto page = service::moving::parse_page(Bytes(data, size), "acme");
  if (!page) return 0;
  for (const ports::Record& row : page->rows) {
    CHECK_INVARIANT(ports::require_row(*page->schema, row));
    CHECK_INVARIANT(row.front() == ports::Field(std::string("acme")));
    if (page->schema != &ports::KeyRow::schema()) continue;
    CHECK_INVARIANT(ports::from_record<ports::KeyRow>(row)->sealed_key.empty());
  }
  return 0;
}
