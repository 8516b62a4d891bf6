#pragma once

#include <string>

#include "core/json_fields.h"

namespace easel::server {

/// The bytes of a picture in base64, as a data: address or alone. Empty, and a fault of `name`, for
/// what is none.
std::string sent_picture(Fields& fields, const char* name, const Json& value);

}  // namespace easel::server
