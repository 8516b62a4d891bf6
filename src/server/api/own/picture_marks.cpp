#include "server/api/own/picture_marks.h"

#include <algorithm>

#include "core/json_fields.h"

namespace easel::server {
namespace {

constexpr std::size_t kMostTags = 30;
constexpr std::size_t kMostTagBytes = 60;

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

bool is_tag(const std::string& text) {
  return !text.empty() && text.size() <= kMostTagBytes &&
         std::ranges::none_of(text,
                              [](unsigned char c) { return c < 0x20 || c == ',' || c == 0x7f; });
}

// In order, each once.
std::vector<std::string> read_tags(Fields& fields) {
  const Json& list = fields.raw("tags");
  std::vector<std::string> tags;
  bool sound = list.is_array() && list.size() <= kMostTags;
  for (const Json& word : list) {
    const std::string tag = word.is_string() ? trimmed(word.text()) : "";
    sound = sound && is_tag(tag);
    if (std::ranges::find(tags, tag) == tags.end()) tags.push_back(tag);
  }
  if (!sound) {
    fields.fault("tags", "up to 30 words of 1 to 60 bytes each, without commas",
                 "is no list of tags");
  }
  std::ranges::sort(tags);
  return tags;
}

}  // namespace

void PictureMarks::apply_to(PictureTable& pictures, const std::string& id) const {
  if (favourite) pictures.set_favourite(id, *favourite);
  if (rating) pictures.set_rating(id, *rating);
  if (tags) pictures.set_tags(id, *tags);
}

PictureMarks picture_marks_in(const Json& body) {
  Fields fields(body, {});
  PictureMarks marks;
  const bool favourite = fields.flag("favourite", false);
  if (fields.has("favourite")) marks.favourite = favourite;
  const auto rating = static_cast<int>(fields.integer("rating", 0, 0, kMostStars));
  if (fields.has("rating")) marks.rating = rating;
  if (fields.has("tags")) marks.tags = read_tags(fields);
  if (!marks.favourite && !marks.rating && !marks.tags) {
    fields.fault("favourite", "favourite, rating or tags",
                 "is missing, and so are rating and tags");
  }
  fields.finish();
  return marks;
}

}  // namespace easel::server
