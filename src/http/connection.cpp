#include "http/connection.h"

#include <boost/asio/write.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

#include "http/one_page.h"
#include "http/url.h"

namespace easel {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using std::chrono::seconds;

constexpr std::size_t kHeaderBytes = 16 << 10;
constexpr int kMostFields = 100;
constexpr seconds kIdle{60};
constexpr seconds kHeaderTime{10};
constexpr std::size_t kBytesPerSecond = 4096;
constexpr std::size_t kDrainBytes = 1 << 20;
constexpr seconds kDrainTime{2};
constexpr seconds kKeepAlive{15};
constexpr seconds kStreamWriteTime{30};

// On every response. Scripts, styles and pictures come from this server or not at all.
constexpr std::pair<const char*, const char*> kSecurityHeaders[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Frame-Options", "DENY"},
};

seconds time_for(std::size_t bytes) {
  return kHeaderTime + seconds(static_cast<std::int64_t>(bytes / kBytesPerSecond));
}

template <typename Message>
void set_headers(Message& message, const HttpResponse& response) {
  static const std::string policy = content_policy();
  for (const auto& [name, value] : kSecurityHeaders) message.set(name, value);
  message.set("Content-Security-Policy", policy);
  message.set(http::field::cache_control, "no-store");
  if (!response.type.empty()) message.set(http::field::content_type, response.type);
  for (const auto& [name, value] : response.headers) message.set(name, value);
}

std::shared_ptr<HttpRequest> plain(const http::request<http::string_body>& message) {
  auto request = std::make_shared<HttpRequest>();
  request->method = std::string(message.method_string());
  request->target = std::string(message.target());
  for (const auto& field : message) {
    std::string name(field.name_string());
    for (char& c : name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    request->headers.emplace_back(std::move(name), std::string(field.value()));
  }
  return request;
}

}  // namespace

Connection::Connection(Socket socket, std::shared_ptr<Shared> shared, std::function<void()> on_end)
    : socket_(std::move(socket)),
      shared_(std::move(shared)),
      on_end_(std::move(on_end)),
      deadline_(socket_.get_executor()),
      buffer_(kHeaderBytes) {
  Error error;
  const auto address = socket_.remote_endpoint(error).address();
  loopback_ = !error && address.is_loopback();
  if (!error && address.is_v6() && address.to_v6().is_v4_mapped()) {
    loopback_ = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).is_loopback();
  }
  peer_ = error ? "" : address.to_string();
  socket_.set_option(asio::ip::tcp::no_delay(true), error);
}

Connection::~Connection() {
  if (stream_) {
    --shared_->streams;
    stream_->on_ready = nullptr;
    if (stream_->on_closed) stream_->on_closed();
  }
  on_end_();
}

void Connection::start() { wait_for_request(); }

void Connection::start_refusing() {
  keep_alive_ = false;
  refuse(503, "too many connections; try again in a moment");
}

void Connection::close_if_idle() {
  if (idle_) close();
}

void Connection::set_deadline(Clock::duration after) {
  deadline_.expires_after(after);
  deadline_.async_wait([self = weak_from_this()](Error error) {
    const auto connection = self.lock();
    if (!error && connection) connection->close();
  });
}

void Connection::clear_deadline() { deadline_.cancel(); }

void Connection::close() {
  Error ignored;
  deadline_.cancel();
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
}

void Connection::wait_for_request() {
  if (shared_->stopping) return close();
  parser_.emplace();
  parser_->header_limit(kHeaderBytes);
  parser_->body_limit(boost::none);
  request_.reset();
  body_unread_ = false;
  if (buffer_.size() > 0) return read_header();
  idle_ = true;
  set_deadline(kIdle);
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](Error error) {
    self->idle_ = false;
    if (error) return self->close();
    self->read_header();
  });
}

void Connection::read_header() {
  set_deadline(kHeaderTime);
  http::async_read_header(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](Error error, std::size_t) { self->on_header(error); });
}

void Connection::on_header(Error error) {
  if (error == http::error::end_of_stream || error == asio::error::operation_aborted) {
    return close();
  }
  keep_alive_ = false;
  body_unread_ = true;
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return refuse(431, "the header is larger than 16 KiB");
  }
  if (error == http::error::bad_version) return refuse(400, "only HTTP/1.0 and 1.1 are spoken");
  if (error && error.category() == http::make_error_code(http::error::bad_method).category() &&
      error != http::error::partial_message) {
    return refuse(400, "this is no HTTP request: " + error.message());
  }
  if (error) return close();
  read_target();
}

void Connection::read_target() {
  request_ = plain(parser_->get());
  request_->peer = peer_;
  request_->loopback = loopback_;
  if (request_->headers.size() > kMostFields) {
    return refuse(431, "the header has more than 100 fields");
  }
  const auto target = parse_target(request_->target);
  if (!target) return refuse(400, "the request's target is no path, or is not encoded properly");
  request_->path = target->path;
  request_->query = target->query;
  pass_gate();
}

// What is refused is refused before its body is read.
void Connection::pass_gate() {
  body_unread_ = !parser_->is_done();
  std::size_t body_limit = 0;
  if (auto refusal = shared_->handler.gate(*request_, body_limit)) {
    keep_alive_ = !body_unread_ && parser_->get().keep_alive();
    return respond(std::move(*refusal));
  }
  if (parser_->content_length() && *parser_->content_length() > body_limit) {
    return refuse(413, "the body has " + std::to_string(*parser_->content_length()) +
                           " bytes, at most " + std::to_string(body_limit) + " are taken here");
  }
  parser_->body_limit(body_limit);
  keep_alive_ = parser_->get().keep_alive();
  body_start_ = Clock::now();
  if (parser_->is_done()) return handle();
  if (const std::string* expect = request_->header("expect");
      expect != nullptr && *expect == "100-continue") {
    return continue_then_read_body();
  }
  read_body();
}

void Connection::continue_then_read_body() {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(kContinue),
                    [self = shared_from_this()](Error error, std::size_t) {
                      if (error) return self->close();
                      self->read_body();
                    });
}

void Connection::read_body() {
  const auto allowed = time_for(parser_->get().body().size());
  const auto left = body_start_ + allowed - Clock::now();
  set_deadline(std::max<Clock::duration>(left, Clock::duration::zero()));
  http::async_read_some(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](Error error, std::size_t) { self->on_body(error); });
}

void Connection::on_body(Error error) {
  if (error == http::error::body_limit) {
    keep_alive_ = false;
    return refuse(413, "the body is larger than is taken here");
  }
  if (error == http::error::partial_message || error == asio::error::operation_aborted ||
      error == asio::error::connection_reset) {
    return close();
  }
  if (error == http::error::buffer_overflow || error == http::error::header_limit) {
    keep_alive_ = false;
    return refuse(431, "a chunk's extension or the trailers are larger than 16 KiB");
  }
  if (error) {
    keep_alive_ = false;
    return refuse(400, "the body is broken: " + error.message());
  }
  if (!parser_->is_done()) return read_body();
  body_unread_ = false;
  handle();
}

void Connection::handle() {
  clear_deadline();
  request_->body = std::move(parser_->get().body());
  shared_->handler.handle(request_, [self = shared_from_this()](HttpResponse response) {
    self->respond(std::move(response));
  });
}

void Connection::refuse(int status, const std::string& detail) {
  HttpResponse response = shared_->handler.refuse(status, detail);
  response.close = true;
  respond(std::move(response));
}

void Connection::respond(HttpResponse response) {
  if (response.events) return start_stream(std::move(response));
  const bool close = response.close || !keep_alive_ || shared_->stopping;
  const bool head = request_ && request_->method == "HEAD";
  const std::size_t bytes = response.body.size();
  set_deadline(time_for(bytes));
  const auto send = [&](auto message) {
    using Message = typename decltype(message)::element_type;
    message->result(static_cast<unsigned>(response.status));
    message->version(11);
    set_headers(*message, response);
    message->keep_alive(!close);
    if (response.status != 204 && response.status != 304) message->content_length(bytes);
    auto serializer =
        std::make_shared<http::response_serializer<typename Message::body_type>>(*message);
    http::async_write(socket_, *serializer,
                      [self = shared_from_this(), message, serializer, close](
                          Error error, std::size_t) { self->on_written(error, close); });
  };
  if (head) return send(std::make_shared<http::response<http::empty_body>>());
  auto message = std::make_shared<http::response<http::string_body>>();
  message->body() = std::move(response.body);
  send(message);
}

void Connection::on_written(Error error, bool close_after) {
  if (error) return close();
  if (!close_after) return wait_for_request();
  if (!body_unread_) return close();
  // Closing with unread bytes would reset the connection and could take the answer with it.
  Error ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  set_deadline(kDrainTime);
  drained_ = 0;
  drain();
}

void Connection::drain() {
  buffer_.clear();
  socket_.async_read_some(buffer_.prepare(16 << 10),
                          [self = shared_from_this()](Error error, std::size_t bytes) {
                            self->drained_ += bytes;
                            if (error || self->drained_ > kDrainBytes) return self->close();
                            self->drain();
                          });
}

void Connection::start_stream(HttpResponse response) {
  stream_ = std::move(response.events);
  ++shared_->streams;
  http::response<http::empty_body> header(http::status::ok, 11);
  set_headers(header, response);
  header.set(http::field::content_type, "text/event-stream");
  header.set("X-Accel-Buffering", "no");
  header.keep_alive(false);
  std::string text = "HTTP/1.1 200 OK\r\n";
  for (const auto& field : header) {
    text += std::string(field.name_string()) + ": " + std::string(field.value()) + "\r\n";
  }
  stream_text_ = text + "\r\n";
  if (request_->method == "HEAD") stream_->end();
  stream_->on_ready = [self = weak_from_this()] {
    if (const auto connection = self.lock()) connection->pump();
  };
  stream_writing_ = true;
  asio::async_write(socket_, asio::buffer(stream_text_),
                    [self = shared_from_this()](Error error, std::size_t) {
                      self->stream_writing_ = false;
                      if (error) return self->close();
                      self->pump();
                    });
  watch_reader();
}

void Connection::pump() {
  if (stream_writing_ || !socket_.is_open()) return;
  if (stream_->overflowed()) return close();
  stream_text_ = stream_->take();
  if (stream_text_.empty()) {
    if (stream_->finished()) return close();
    return keep_stream_alive();
  }
  stream_writing_ = true;
  set_deadline(kStreamWriteTime);
  asio::async_write(socket_, asio::buffer(stream_text_),
                    [self = shared_from_this()](Error error, std::size_t) {
                      self->stream_writing_ = false;
                      if (error) return self->close();
                      self->pump();
                    });
}

void Connection::keep_stream_alive() {
  deadline_.expires_after(kKeepAlive);
  deadline_.async_wait([self = weak_from_this()](Error error) {
    const auto connection = self.lock();
    if (error || !connection || connection->stream_writing_) return;
    static const auto kComment = std::make_shared<const std::string>(":\n\n");
    connection->stream_->push(kComment, false);
  });
}

void Connection::watch_reader() {
  // Nothing is expected from the reader; its end of the connection closing ends the stream.
  socket_.async_read_some(asio::buffer(&stream_byte_, 1),
                          [self = shared_from_this()](Error error, std::size_t) {
                            if (error) return self->close();
                            self->watch_reader();
                          });
}

}  // namespace easel
