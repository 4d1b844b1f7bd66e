#include "device/medium/document.h"

#include "base/text.h"
#include "trust/tuf/envelope.h"

namespace holdfast::device::medium {

namespace tuf = trust::tuf;

Result<std::optional<Blob>> read_document(ports::Medium& medium, const std::string& path) {
  auto document = TRY(medium.read(path, 0, tuf::kEnvelopeBytesMax + 1));
  if (!document || document->size() <= tuf::kEnvelopeBytesMax) return document;
  return fail(Next::Rejected, ports::kMediumUnfit,
              cat("expected at most ", tuf::kEnvelopeBytesMax, " bytes of ", printable(path, 120), ", saw more"));
}

}  // namespace holdfast::device::medium
