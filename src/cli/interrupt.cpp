#include "cli/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>

namespace easel::cli {
namespace {

// A signal handler can reach nothing else.
CancelToken g_token;
CancelToken g_enough(g_token);
std::atomic<bool> g_keeping{false};
std::atomic<int> g_signal{0};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

void on_signal(int signal) {
  if (g_signal.exchange(signal) != 0) _exit(128 + signal);
  (signal == SIGINT && g_keeping ? g_enough : g_token).cancel();
}

void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  for (const int signal : kSignals) {
    struct sigaction before = {};
    sigaction(signal, nullptr, &before);
    // What a parent ignored stays ignored (nohup).
    if (before.sa_handler != SIG_IGN) set_handler(signal, on_signal);
  }
  set_handler(SIGPIPE, SIG_IGN);
  set_handler(SIGXFSZ, SIG_IGN);  // write() then says that the file would be too large
}

InterruptGuard::~InterruptGuard() {
  for (const int signal : kSignals) set_handler(signal, SIG_DFL);
}

const CancelToken& InterruptGuard::token() const { return g_token; }

int InterruptGuard::exit_code() const {
  const int signal = g_signal.load();
  return signal == 0 ? 130 : 128 + signal;
}

KeepOnInterrupt::KeepOnInterrupt() { g_keeping = true; }

KeepOnInterrupt::~KeepOnInterrupt() {
  g_keeping = false;
  // What comes after is stopped as if nothing had been kept.
  if (g_enough.cancelled()) g_token.cancel();
}

const CancelToken& KeepOnInterrupt::enough() const { return g_enough; }

}  // namespace easel::cli
