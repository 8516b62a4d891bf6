#include "http/http.h"

namespace easel {

const std::string* HttpRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return &value;
  }
  return nullptr;
}

int HttpRequest::header_count(std::string_view name) const {
  int count = 0;
  for (const auto& [key, value] : headers) count += key == name ? 1 : 0;
  return count;
}

const std::string* HttpRequest::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return &value;
  }
  return nullptr;
}

}  // namespace easel
