// What a process that rests can do without: the pages of its program and libraries, which are in their files.
#pragma once

namespace holdfast::linux::system {

/// Unmaps the code and constants of this process; a page comes back from the system's cache, or from its file, once it
/// is used. Nothing that was ever written goes, and nothing fails: what cannot be given back stays. A debugger's
/// breakpoints are written into code, and go.
void release_file_pages();

}  // namespace holdfast::linux::system
