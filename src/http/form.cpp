#include "http/form.h"

#include <algorithm>
#include <optional>

#include "http/problem.h"

namespace easel {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kMostBoundary = 70;  // RFC 2046

std::string_view trimmed_field(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// REQUIRES: `lower` is in lower case
bool equals_in_any_case(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
  });
}

// Takes a quoted text off the front, up to its closing quote. Programs write a quote inside as \",
// browsers as %22.
std::string take_quoted(std::string_view& rest) {
  std::string text;
  std::size_t at = 1;
  for (; at < rest.size() && rest[at] != '"'; ++at) {
    const bool escaped =
        rest[at] == '\\' && at + 1 < rest.size() && (rest[at + 1] == '"' || rest[at + 1] == '\\');
    if (escaped) {
      text += rest[++at];
    } else if (rest.substr(at, 3) == "%22") {
      text += '"';
      at += 2;
    } else {
      text += rest[at];
    }
  }
  if (at >= rest.size()) refuse(400, "the form has a quoted text without its end");
  rest.remove_prefix(at + 1);
  return text;
}

// The value of `name` among "; name=value" and "; name=\"value\"" after a header's first word.
std::optional<std::string> header_parameter(std::string_view header, std::string_view name) {
  std::optional<std::string> found;
  std::string_view rest = header.substr(std::min(header.find(';'), header.size()));
  while (!rest.empty()) {
    rest = trimmed_field(rest.substr(1));
    const std::size_t sign = rest.find_first_of("=;");
    if (sign == std::string_view::npos) break;
    const std::string_view key = trimmed_field(rest.substr(0, sign));
    const bool has_value = rest[sign] == '=';
    rest = has_value ? trimmed_field(rest.substr(sign + 1)) : rest.substr(sign);
    std::string value;
    if (has_value && rest.starts_with('"')) {
      value = take_quoted(rest);
    } else if (has_value) {
      value = trimmed_field(rest.substr(0, rest.find(';')));
    }
    if (equals_in_any_case(key, name) && !found) found = std::move(value);
    rest.remove_prefix(std::min(rest.find(';'), rest.size()));
  }
  return found;
}

std::string boundary_in(std::string_view content_type) {
  std::string boundary = header_parameter(content_type, "boundary").value_or("");
  if (boundary.empty() || boundary.size() > kMostBoundary) {
    refuse(400, "the form's Content-Type has no boundary of 1 to 70 characters");
  }
  return boundary;
}

// Reads one part after another.
class FormReader {
 public:
  FormReader(std::string_view body, const std::string& boundary, const FormLimits& limits)
      : rest_(body), delimiter_("\r\n--" + boundary), limits_(limits) {}

  std::vector<FormPart> read() {
    std::vector<FormPart> parts;
    skip_preamble();
    while (!ended_) {
      if (parts.size() == limits_.parts) {
        refuse(413, "the form has more than " + std::to_string(limits_.parts) + " parts");
      }
      FormPart part = read_headers();
      part.data = up_to_delimiter();
      if (part.data.size() > limits_.part_bytes) {
        refuse(413, "the form's part '" + part.name + "' has " + std::to_string(part.data.size()) +
                        " bytes, at most " + std::to_string(limits_.part_bytes) + " are taken");
      }
      parts.push_back(std::move(part));
    }
    return parts;
  }

 private:
  // The first boundary needs no line before it.
  void skip_preamble() {
    const std::string_view first = std::string_view(delimiter_).substr(kLineEnd.size());
    if (rest_.starts_with(first)) {
      const std::string_view all = rest_;
      rest_.remove_prefix(first.size());
      if (pass_delimiter_line()) return;
      rest_ = all;
    }
    up_to_delimiter();
  }

  // The data before the next delimiter, which is passed. A line that only begins like one is data.
  std::string_view up_to_delimiter() {
    const std::string_view all = rest_;
    for (std::size_t from = 0;;) {
      const std::size_t at = all.find(delimiter_, from);
      if (at == std::string_view::npos) refuse(400, "the form ends without its last boundary");
      rest_ = all.substr(at + delimiter_.size());
      if (pass_delimiter_line()) return all.substr(0, at);
      from = at + kLineEnd.size();
    }
  }

  // What may follow a boundary: "--" at the form's end, else blanks and the line's end.
  bool pass_delimiter_line() {
    if (rest_.starts_with("--")) {
      ended_ = true;
      return true;
    }
    const std::size_t after = std::min(rest_.find_first_not_of(" \t"), rest_.size());
    if (!rest_.substr(after).starts_with(kLineEnd)) return false;
    rest_.remove_prefix(after + kLineEnd.size());
    return true;
  }

  FormPart read_headers() {
    FormPart part;
    bool named = false;
    const std::size_t before = rest_.size();
    for (;;) {
      const std::size_t read = before - rest_.size();
      const std::size_t left = limits_.header_bytes - std::min(limits_.header_bytes, read);
      const std::size_t end = rest_.substr(0, left).find(kLineEnd);
      if (end == std::string_view::npos) {
        if (rest_.size() < left) refuse(400, "the form ends within a part's headers");
        refuse(413, "a part's headers in the form are larger than " +
                        std::to_string(limits_.header_bytes) + " bytes");
      }
      const std::string_view line = rest_.substr(0, end);
      rest_.remove_prefix(end + kLineEnd.size());
      if (line.empty()) break;
      named |= read_disposition(line, part);
    }
    if (!named) refuse(400, "a part of the form has no name");
    return part;
  }

  static bool read_disposition(std::string_view line, FormPart& part) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) refuse(400, "a part's header in the form has no colon");
    if (!equals_in_any_case(line.substr(0, colon), "content-disposition")) return false;
    const std::string_view value = trimmed_field(line.substr(colon + 1));
    if (!equals_in_any_case(trimmed_field(value.substr(0, value.find(';'))), "form-data")) {
      refuse(400, "a part of the form is no form-data");
    }
    part.is_file = header_parameter(value, "filename") || header_parameter(value, "filename*");
    auto name = header_parameter(value, "name");
    if (!name || name->empty()) return false;
    part.name = *std::move(name);
    return true;
  }

  std::string_view rest_;
  std::string delimiter_;
  FormLimits limits_;
  bool ended_ = false;
};

}  // namespace

std::vector<FormPart> read_form(std::string_view content_type, std::string_view body,
                                const FormLimits& limits) {
  return FormReader(body, boundary_in(content_type), limits).read();
}

}  // namespace easel
