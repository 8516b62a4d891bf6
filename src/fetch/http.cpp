#include "fetch/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <exception>
#include <memory>
#include <string_view>

#include "core/error.h"

namespace easel::fetch {
namespace {

constexpr long kMaxRedirects = 10;
constexpr long kConnectSeconds = 30;
constexpr long kStallSeconds = 60;  // without a byte

// libcurl wants one global initialisation before threads.
void initialise_curl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK)
    fail(ErrorCode::kNetwork, "libcurl cannot start: {}", curl_easy_strerror(code));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())))
    text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
    text.remove_suffix(1);
  return text;
}

std::optional<std::int64_t> parse_size(std::string_view text) {
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size() || value < 0) return {};
  return value;
}

// A quoted SHA-256, or nothing.
std::string sha256_in(std::string_view value) {
  if (value.size() != 66 || value.front() != '"' || value.back() != '"') return "";
  value = value.substr(1, 64);
  const bool hex = std::ranges::all_of(
      value, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  return hex ? std::string(value) : "";
}

// The headers of the last response; of earlier ones, which were redirects, what they say of the
// file's content.
struct Headers {
  std::optional<std::int64_t> content_length;
  std::string content_range;
  std::string entity;
  std::string encoding;
  std::string linked_sha256;

  void take(std::string_view line) {
    if (line.starts_with("HTTP/")) {
      std::string linked = std::move(linked_sha256);
      *this = {};
      linked_sha256 = std::move(linked);
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (name == "content-length") content_length = parse_size(value);
    if (name == "content-range") content_range = value;
    if (name == "content-encoding") encoding = value;
    if (name == "x-linked-etag") linked_sha256 = sha256_in(value);
    // Only a strong validator promises the same bytes (RFC 9110, 13.1.5).
    if (name == "etag" && !value.starts_with("W/")) entity = value;
  }
};

// "bytes 100-199/200" (RFC 9110, 14.4)
HttpAnswer parse_content_range(const std::string& range) {
  const std::string_view text = range;
  const std::size_t dash = text.find('-'), slash = text.find('/');
  if (text.starts_with("bytes ") && dash != std::string_view::npos &&
      slash != std::string_view::npos && dash < slash) {
    const auto from = parse_size(text.substr(6, dash - 6));
    if (from) return {.from = *from, .total = parse_size(text.substr(slash + 1))};
  }
  fail(ErrorCode::kNetwork, "the server's answer makes no sense: content-range '{}'", range);
}

class Transfer {
 public:
  Transfer(const HttpRequest& request, const HttpHandler& handler, const CancelToken& cancel)
      : request_(request),
        handler_(handler),
        cancel_(cancel),
        curl_(curl_easy_init(), curl_easy_cleanup) {
    if (!curl_) throw std::bad_alloc();
    set_up();
  }

  HttpOutcome run() {
    const CURLcode code = curl_easy_perform(curl_.get());
    cancel_.check();
    if (trouble_) std::rethrow_exception(trouble_);
    if (code == CURLE_OK) {
      if (!answered_) answer();  // an empty body
      return {};
    }
    return judge(code);
  }

 private:
  template <typename Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(curl_.get(), option, value);
  }

  void set_up() {
    set(CURLOPT_URL, request_.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, request_.allow_plain ? "https,http" : "https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, kMaxRedirects);
    set(CURLOPT_FAILONERROR, 1L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, kStallSeconds);
    set(CURLOPT_USERAGENT, "easel/" EASEL_VERSION);
    set(CURLOPT_ERRORBUFFER, message_);
    set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Transfer::on_progress);
    set(CURLOPT_XFERINFODATA, this);
    if (request_.from > 0) {
      set(CURLOPT_RANGE, (std::to_string(request_.from) + "-").c_str());
      if (!request_.entity.empty()) add_header("If-Range: " + request_.entity);
    }
    // As a header of its own libcurl would send it to wherever a redirect leads; so it does not:
    // a bearer token goes to the first host alone, unless CURLOPT_UNRESTRICTED_AUTH is set.
    if (!request_.token.empty()) {
      set(CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
      set(CURLOPT_XOAUTH2_BEARER, request_.token.c_str());
    }
    if (headers_to_send_) set(CURLOPT_HTTPHEADER, headers_to_send_.get());
  }

  void add_header(const std::string& line) {
    headers_to_send_.reset(curl_slist_append(headers_to_send_.release(), line.c_str()));
  }

  static std::size_t on_header(char* data, std::size_t, std::size_t count, void* self) {
    static_cast<Transfer*>(self)->headers_.take({data, count});
    return count;
  }

  // An exception may not pass through libcurl, which is C: it is kept and thrown again in run().
  static std::size_t on_body(char* data, std::size_t, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    try {
      if (!transfer.answered_) transfer.answer();
      transfer.handler_.on_bytes(std::as_bytes(std::span(data, count)));
      return count;
    } catch (...) {
      transfer.trouble_ = std::current_exception();
      return 0;  // tells libcurl to stop
    }
  }

  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Transfer*>(self)->cancel_.cancelled() ? 1 : 0;
  }

  long status() const {
    long status = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  void answer() {
    answered_ = true;
    if (!headers_.encoding.empty() && headers_.encoding != "identity") {
      fail(ErrorCode::kNetwork, "the server sends '{}' encoding, which was not asked for",
           headers_.encoding);
    }
    HttpAnswer answer;
    if (status() == 206) {
      answer = parse_content_range(headers_.content_range);
    } else {
      answer.total = headers_.content_length;
    }
    answer.entity = headers_.entity;
    answer.linked_sha256 = headers_.linked_sha256;
    handler_.on_answer(answer);
  }

  HttpOutcome judge(CURLcode code) const {
    const std::string what = message_[0] != '\0' ? message_ : curl_easy_strerror(code);
    const long status = this->status();
    switch (code) {
      case CURLE_HTTP_RETURNED_ERROR:
        if (status == 416) return {HttpResult::kNotThere, what};
        if (status == 408 || status == 429 || status >= 500)
          return {HttpResult::kBroken, fmt::format("the server answers {}", status)};
        fail(ErrorCode::kNetwork, "the server answers {} for {}{}", status, request_.url,
             advice_on(status));
      case CURLE_COULDNT_RESOLVE_HOST:
      case CURLE_COULDNT_RESOLVE_PROXY:
      case CURLE_COULDNT_CONNECT:
      case CURLE_PARTIAL_FILE:
      case CURLE_OPERATION_TIMEDOUT:
      case CURLE_SEND_ERROR:
      case CURLE_RECV_ERROR:
      case CURLE_GOT_NOTHING:
      case CURLE_HTTP2:
      case CURLE_HTTP2_STREAM:
      case CURLE_SSL_CONNECT_ERROR:
        return {HttpResult::kBroken, what};
      default:
        fail(ErrorCode::kNetwork, "{} cannot be downloaded: {}", request_.url, what);
    }
  }

  const char* advice_on(long status) const {
    if (status != 401 && status != 403) return "";
    return request_.token.empty() ? "; a token in HF_TOKEN may be wanted"
                                  : "; it does not take the token in HF_TOKEN";
  }

  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  const HttpRequest& request_;
  const HttpHandler& handler_;
  const CancelToken& cancel_;
  std::unique_ptr<CURL, void (*)(CURL*)> curl_;
  std::unique_ptr<curl_slist, FreeList> headers_to_send_;
  Headers headers_;
  bool answered_ = false;
  std::exception_ptr trouble_;
  char message_[CURL_ERROR_SIZE] = {};
};

}  // namespace

HttpOutcome http_get(const HttpRequest& request, const HttpHandler& handler,
                     const CancelToken& cancel) {
  initialise_curl();
  return Transfer(request, handler, cancel).run();
}

}  // namespace easel::fetch
