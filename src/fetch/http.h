#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "core/cancel.h"

namespace easel::fetch {

/// One GET request for (the rest of) a file.
struct HttpRequest {
  std::string url;
  std::int64_t from = 0;   ///< bytes already here: ask for the rest
  std::string entity;      ///< the version (ETag) those bytes are of; empty: unknown
  std::string token = {};  ///< sent to the address's own host alone, never on after a redirect
  bool allow_plain =
      false;  ///< http:// is taken for the address itself (tests); never a redirect's
};

/// What the server says it will send, once redirects are behind.
struct HttpAnswer {
  std::int64_t from = 0;              ///< first byte of the body in the file
  std::optional<std::int64_t> total;  ///< bytes of the whole file, where announced
  std::string entity;                 ///< its version, to resume by; empty: none given
  /// The SHA-256 of its content, in hex, as Hugging Face says it (X-Linked-Etag, also in the
  /// redirect to where the file lies); empty: none given.
  std::string linked_sha256;
};

struct HttpHandler {
  /// Before the first byte of a body. May throw to refuse it.
  std::function<void(const HttpAnswer&)> on_answer;
  /// Each piece of the body. May throw.
  std::function<void(std::span<const std::byte>)> on_bytes;
};

enum class HttpResult {
  kComplete,  ///< the body ended where it should
  kBroken,    ///< the connection failed or the server is busy: worth another try
  kNotThere,  ///< the range asked for does not exist (416)
};

struct HttpOutcome {
  HttpResult result = HttpResult::kComplete;
  std::string trouble;  ///< what broke, in words
};

/// Follows redirects to https only. Throws kNetwork for what another try will not mend (404, a
/// certificate nobody signed), kCancelled, and what the handler throws.
HttpOutcome http_get(const HttpRequest& request, const HttpHandler& handler,
                     const CancelToken& cancel);

}  // namespace easel::fetch
