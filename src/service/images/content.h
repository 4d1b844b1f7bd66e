// The files that a release is made of, beside its image: the manifest, and what the manifest names. A release counts as
// here once all of them are, so that no device waits for a delta, and what attestation is to see of it is known.
#pragma once

#include "service/images/repository.h"
#include "trust/appraisal/released_set.h"
#include "trust/update/manifest.h"

namespace holdfast::service::images {

/// Conflict (kImageMissing) where one of its files is not here as a whole. Its reference values, where its manifest
/// names some, as trust::appraisal::parse_released_set() judges them.
Result<std::optional<trust::appraisal::ReferenceSet>> require_release(ports::ImageFiles& files,
                                                                      std::string_view catalog,
                                                                      const Released& released);

}  // namespace holdfast::service::images
