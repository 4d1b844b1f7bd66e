#include "ports/store/record.h"

namespace holdfast::ports {

void append_null(Record& record) { record.emplace_back(); }
void append_integer(Record& record, std::int64_t value) { record.emplace_back(value); }
void append_text(Record& record, std::string_view value) { record.emplace_back(std::string(value)); }
void append_blob(Record& record, Bytes value) { record.emplace_back(to_blob(value)); }

}  // namespace holdfast::ports
