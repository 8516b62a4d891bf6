#include "work/crash_mark.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <system_error>

namespace easel {
namespace {

constexpr int kCrashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

// A signal handler can reach nothing else.
std::array<char, 4096> g_file{};

void on_crash(int signal) {
  const int file = ::open(g_file.data(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file >= 0) ::close(file);
  ::raise(signal);  // SA_RESETHAND: it ends the program as it would have
}

void set_handlers(void (*handler)(int)) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  for (const int signal : kCrashes) sigaction(signal, &action, nullptr);
#else
  static_cast<void>(handler);  // the sanitizer's own handlers say what happened
#endif
}

}  // namespace

CrashMark::CrashMark(const std::filesystem::path& file) {
  std::error_code ignored;
  crashed_before_ = std::filesystem::remove(file, ignored);
  const std::string name = file.string();
  if (name.size() >= g_file.size()) return;
  std::copy(name.begin(), name.end(), g_file.begin());
  set_handlers(on_crash);
}

CrashMark::~CrashMark() {
  set_handlers(SIG_DFL);
  g_file.fill('\0');
}

}  // namespace easel
