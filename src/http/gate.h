#pragma once

#include <cstddef>
#include <optional>

#include "http/address_signer.h"
#include "http/checks.h"
#include "http/http.h"
#include "http/rate.h"
#include "http/router.h"
#include "http/token.h"

namespace easel {

/// Decides, before a body is read, whether a request may go on: host and origin, route, token or
/// signature, type of the body, how often its owner submits.
class Gate {
 public:
  struct Rules {
    HostRules hosts;
    Tokens tokens;
    RateLimit::Spec submitting = {.per_second = 10, .burst = 20};  ///< an owner's
  };
  /// The router must outlive it; routes may still be added.
  Gate(const Router& router, Rules rules);

  /// A refusal, or nothing: then the request knows its route, owner and client.
  std::optional<HttpResponse> check(HttpRequest& request, std::size_t& body_limit);

  const Tokens& tokens() const { return rules_.tokens; }
  const AddressSigner& signer() const { return signer_; }
  /// From now on whatever would start something new is refused.
  void stop_submitting() { stopping_ = true; }
  bool stopping() const { return stopping_; }

 private:
  std::optional<HttpResponse> check_route(HttpRequest& request) const;
  std::optional<Problem> check_token(HttpRequest& request) const;
  std::optional<Problem> check_submitting(const HttpRequest& request);

  const Router& router_;
  Rules rules_;
  RateLimit submitting_;
  AddressSigner signer_;
  bool stopping_ = false;
};

}  // namespace easel
