#include "http/listener.h"

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <set>
#include <utility>

#include "core/error.h"
#include "http/connection.h"
#include "http/loop_impl.h"

namespace easel {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr rlim_t kOtherFiles = 256;  // the database, pictures being written, the model's shards

/// As many connections as wanted, or as the system's limit on open files leaves beside the other
/// files: many shells start programs with 1,024, which the program may raise.
int affordable(int wanted) {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return wanted;
  const rlim_t needed = static_cast<rlim_t>(wanted) + kOtherFiles;
  if (files.rlim_cur < needed) {
    files.rlim_cur = std::min(needed, files.rlim_max);
    setrlimit(RLIMIT_NOFILE, &files);
    getrlimit(RLIMIT_NOFILE, &files);
  }
  if (files.rlim_cur >= needed) return wanted;
  return static_cast<int>(files.rlim_cur - std::min(files.rlim_cur / 2, kOtherFiles));
}

}  // namespace

struct Listener::Impl : std::enable_shared_from_this<Listener::Impl> {
  Impl(asio::io_context& io, const ListenerOptions& wanted)
      : context(io), options(wanted), acceptor(io), pause(io) {}

  void accept() {
    acceptor.async_accept(
        [self = shared_from_this()](boost::system::error_code error, tcp::socket socket) {
          if (error == asio::error::operation_aborted || !self->acceptor.is_open()) return;
          if (error) return self->accept_later();
          self->admit(std::move(socket));
          self->accept();
        });
  }

  // Out of file descriptors, as a rule: those in use must end first.
  void accept_later() {
    pause.expires_after(std::chrono::milliseconds(100));
    pause.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (!error) self->accept();
    });
  }

  void admit(tcp::socket socket) {
    boost::system::error_code error;
    const auto address = socket.remote_endpoint(error).address();
    if (error) return;
    const std::string peer = address.to_string();
    const int from_peer = ++per_address[peer];
    const bool limited = options.max_per_address > 0 && !address.is_loopback();
    const bool refused =
        counts.open >= options.max_connections || (limited && from_peer > options.max_per_address);
    ++counts.open;
    ++(refused ? counts.refused : counts.accepted);
    auto connection = std::make_shared<Connection>(
        std::move(socket), shared, [self = shared_from_this(), peer] { self->ended(peer); });
    if (refused) return connection->start_refusing();
    connections.insert(connection);
    connection->start();
  }

  void ended(const std::string& peer) {
    --counts.open;
    if (--per_address[peer] <= 0) per_address.erase(peer);
    // Forgets the dead every so often: owner_less order does not need them alive.
    if (connections.size() > 64 && connections.size() > 2 * static_cast<std::size_t>(counts.open)) {
      std::erase_if(connections, [](const auto& c) { return c.expired(); });
    }
  }

  asio::io_context& context;
  ListenerOptions options;
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  ConnectionCounts counts;
  std::map<std::string, int> per_address;
  std::shared_ptr<Connection::Shared> shared = std::make_shared<Connection::Shared>();
  std::set<std::weak_ptr<Connection>, std::owner_less<>> connections;
};

Listener::Listener(Loop& loop, const ListenerOptions& options, HttpHandler handler)
    : impl_(std::make_shared<Impl>(loop.impl().context, options)) {
  impl_->options.max_connections = affordable(options.max_connections);
  impl_->shared->handler = std::move(handler);
  boost::system::error_code error;
  const std::string host = options.host == "localhost" ? "127.0.0.1" : options.host;
  const auto address = asio::ip::make_address(host, error);
  if (error) {
    fail(ErrorCode::kUsage, "'{}' is no address to listen on; 127.0.0.1 is this computer alone",
         options.host);
  }
  const tcp::endpoint endpoint(address, options.port);
  impl_->acceptor.open(endpoint.protocol(), error);
  if (!error) impl_->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) impl_->acceptor.bind(endpoint, error);
  if (!error) impl_->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    // Another program's port may be free later; what is not this computer's never is.
    const bool passes = error == boost::system::errc::address_in_use;
    fail(passes ? ErrorCode::kIo : ErrorCode::kUsage, "could not listen on {} port {}: {}",
         options.host, options.port, error.message());
  }
  impl_->accept();
}

Listener::~Listener() { stop_accepting(); }

std::uint16_t Listener::port() const { return impl_->acceptor.local_endpoint().port(); }

bool Listener::loopback() const { return impl_->acceptor.local_endpoint().address().is_loopback(); }

const ConnectionCounts& Listener::counts() const {
  impl_->counts.streams = impl_->shared->streams;
  return impl_->counts;
}

void Listener::stop_accepting() {
  boost::system::error_code ignored;
  impl_->acceptor.close(ignored);
  impl_->pause.cancel();
  for (const auto& weak : impl_->connections) {
    if (const auto connection = weak.lock()) connection->close_if_idle();
  }
}

}  // namespace easel
