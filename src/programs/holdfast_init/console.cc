#include "programs/holdfast_init/console.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>

#include "base/text.h"

namespace holdfast::programs::init {

void say(std::string_view words) {
  std::fputs(cat("init: ", words, "\n").c_str(), stdout);
  std::fflush(stdout);
}

void let_console_not_wait() {
  ::fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK);
  termios line{};
  if (::tcgetattr(STDOUT_FILENO, &line) != 0) return;
  line.c_iflag &= ~static_cast<tcflag_t>(IXON | IXOFF);
  ::tcsetattr(STDOUT_FILENO, TCSANOW, &line);
}

}  // namespace holdfast::programs::init
