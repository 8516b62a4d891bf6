#include "server/api/a1111/sent_picture.h"

#include <string_view>

#include "http/base64.h"

namespace easel::server {

std::string sent_picture(Fields& fields, const char* name, const Json& value) {
  if (!value.is_string()) {
    fields.fault(name, "a picture in base64", "is missing, or no text");
    return "";
  }
  std::string_view text = value.text();
  if (text.starts_with("data:")) {
    const std::size_t comma = text.find(',');
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  auto bytes = from_base64(text);
  if (bytes && !bytes->empty()) return *std::move(bytes);
  fields.fault(name, "a PNG, JPEG or WebP in base64", "is no base64");
  return "";
}

}  // namespace easel::server
