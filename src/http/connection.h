#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/event_stream.h"
#include "http/http.h"

namespace easel {

/// One connection: requests one after another, or one event stream. Lives as long as something is
/// under way on it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  struct Shared {  ///< by all connections of a listener
    HttpHandler handler;
    bool stopping = false;
    int streams = 0;
  };

  Connection(Socket socket, std::shared_ptr<Shared> shared, std::function<void()> on_end);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  /// Answers 503 whatever is asked, and closes.
  void start_refusing();
  /// Closes if it waits for a request.
  void close_if_idle();

 private:
  using Error = boost::system::error_code;
  using Clock = std::chrono::steady_clock;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void wait_for_request();
  void read_header();
  void on_header(Error error);
  void read_target();
  void pass_gate();
  void read_body();
  void on_body(Error error);
  void continue_then_read_body();
  void handle();
  void refuse(int status, const std::string& detail);
  void respond(HttpResponse response);
  void on_written(Error error, bool close);
  void drain();
  void start_stream(HttpResponse response);
  void pump();
  void watch_reader();
  void keep_stream_alive();
  void set_deadline(Clock::duration after);
  void clear_deadline();
  void close();

  Socket socket_;
  std::shared_ptr<Shared> shared_;
  std::function<void()> on_end_;
  boost::asio::steady_timer deadline_;
  /// What is read ahead: also the most that a chunk's extension or the trailers may take.
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::shared_ptr<HttpRequest> request_;
  std::string peer_;
  bool loopback_ = false;
  bool idle_ = false;
  bool keep_alive_ = true;
  bool body_unread_ = false;
  Clock::time_point body_start_;
  std::size_t drained_ = 0;
  std::shared_ptr<EventStream> stream_;
  std::string stream_text_;  // being written
  bool stream_writing_ = false;
  char stream_byte_ = 0;
};

}  // namespace easel
