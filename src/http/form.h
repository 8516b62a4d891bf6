#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace easel {

/// One part of a form.
struct FormPart {
  std::string name;
  bool is_file = false;   ///< it has a file's name, which nothing here looks at
  std::string_view data;  ///< of the body that was read
};

struct FormLimits {
  std::size_t parts = 64;
  std::size_t header_bytes = 4 << 10;  ///< of a part's headers
  std::size_t part_bytes = 32 << 20;
};

/// The parts of a body of multipart/form-data (RFC 7578), in their order; several may have one
/// name. `content_type` is the header with its boundary. What is before the first boundary and
/// after the last is passed over. Throws ProblemError: 413 for what is larger than `limits`, 400
/// for what is no such form. The body must outlive the parts.
std::vector<FormPart> read_form(std::string_view content_type, std::string_view body,
                                const FormLimits& limits = {});

}  // namespace easel
