#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "http/http.h"
#include "http/loop.h"

namespace easel {

struct ListenerOptions {
  std::string host = "127.0.0.1";  ///< a numeric address, or "localhost"
  std::uint16_t port = 7860;       ///< 0: any free one
  int max_connections = 1024;
  int max_per_address = 64;  ///< 0: no limit; never for connections from this computer
};

/// How many there are now, and were, for /metrics.
struct ConnectionCounts {
  int open = 0;
  int streams = 0;
  std::int64_t accepted = 0;
  std::int64_t refused = 0;
};

/// Speaks HTTP/1.1 with whoever connects. Keeps the limits of time and size: a header of at most
/// 16 KiB and 100 fields within 10 s, bodies at 4 KiB/s or faster, 60 s of silence.
class Listener {
 public:
  /// Listens. Throws kUsage when the address is not one of this computer's, or is taken.
  Listener(Loop& loop, const ListenerOptions& options, HttpHandler handler);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port() const;
  bool loopback() const;  ///< bound to an address that only this computer reaches
  const ConnectionCounts& counts() const;
  /// Takes no more connections; those that are idle are closed.
  void stop_accepting();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace easel
