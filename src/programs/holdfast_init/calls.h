// System calls. Of the agent: files, sockets that connect, memory, time, and no other process. What is not here is
// refused (linux/confine/confine.h): to start something, to listen, to mount, to look into others.
#pragma once

#include <span>

namespace holdfast::programs::init {

std::span<const int> agent_calls();
/// Of what asks a server for the time, and sets the clock.
std::span<const int> time_calls();

}  // namespace holdfast::programs::init
