// What the first process says, for whoever stands beside the device.
#pragma once

#include <string_view>

namespace holdfast::programs::init {

/// A line on the console, which is all that a device without a service has.
void say(std::string_view words);
/// From now on nobody at the other end of its line can hold this process up, nor stop the line for others.
void let_console_not_wait();

}  // namespace holdfast::programs::init
