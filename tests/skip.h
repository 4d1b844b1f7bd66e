// How a test says that it cannot run here.
#pragma once

namespace holdfast {
/// Prints why; the program exits 77 (skipped) unless another case fails.
void skip_program(const char* why);
}  // namespace holdfast
