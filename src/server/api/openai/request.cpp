#include "server/api/openai/request.h"

#include <algorithm>
#include <cstdio>
#include <initializer_list>

#include "recipe/fields.h"
#include "recipe/values.h"

namespace easel::server {
namespace {

constexpr int kLeastSide = 16;
constexpr int kMostSide = 3840;
constexpr std::int64_t kMostPixels = std::int64_t{1} << 26;  // of one answer: 16 of 2048 x 2048
constexpr int kMostPartialImages = 3;
constexpr int kFewSteps = 8;  // models for so few steps gain nothing by more

// Always answer with the picture itself: that API has no response_format for them.
bool embeds_pictures(std::string_view model) {
  return model.starts_with("gpt-image") || model.starts_with("chatgpt-image");
}

// One of a few words; the first where nothing is said.
std::string read_word(Fields& fields, const char* name, std::initializer_list<const char*> words) {
  std::string word = fields.text(name, *words.begin(), {.least = 0, .most = 40});
  if (word.empty()) return *words.begin();
  if (std::ranges::find(words, word) != words.end()) return word;
  std::string allowed;
  for (const char* one : words) allowed += (allowed.empty() ? "" : ", ") + std::string(one);
  fields.fault(name, allowed, "is " + shown(word) + ", wanted is one of " + allowed);
  return *words.begin();
}

// "1024x1024"; 0 x 0 for "auto" and nothing.
Image::Size read_size(Fields& fields) {
  const std::string text = fields.text("size", "auto", {.least = 0, .most = 20});
  if (text == "auto" || text.empty()) return {};
  Image::Size size;
  char rest = 0;
  const int read = std::sscanf(text.c_str(), "%4dx%4d%c", &size.width, &size.height, &rest);
  const auto in_range = [](int side) { return side >= kLeastSide && side <= kMostSide; };
  if (read != 2 || !in_range(size.width) || !in_range(size.height)) {
    fields.fault("size", "auto, or WIDTHxHEIGHT of 16 to 3840",
                 "is " + shown(text) + ", wanted is WIDTHxHEIGHT such as 512x512");
    return {};
  }
  return size;
}

PictureForm read_form(Fields& fields) {
  PictureForm form;
  const std::string format = read_word(fields, "output_format", {"png", "jpeg", "webp"});
  if (format == "jpeg") form.format = ImageFormat::kJpeg;
  if (format == "webp") form.format = ImageFormat::kWebp;
  const auto compression = fields.integer("output_compression", 100, 0, 100);
  if (form.format == ImageFormat::kPng && compression < 100) {
    fields.fault("output_compression", "100 for png",
                 "is " + std::to_string(compression) + ", but png is never compressed with loss");
  }
  form.quality = std::max(static_cast<int>(compression), 1);
  return form;
}

void read_background(Fields& fields, ImagesRequest& asked) {
  if (read_word(fields, "background", {"auto", "opaque", "transparent"}) != "transparent") return;
  if (asked.form.format == ImageFormat::kJpeg) {
    fields.fault("background", "opaque or auto for jpeg", "is transparent, which jpeg cannot be");
  }
  asked.notes.emplace_back("background: pictures are drawn opaque here");
}

// More steps for a better picture, where the request does not count them itself.
void set_quality(const std::string& quality, const ModelInfo& info, ImagesRequest& asked) {
  DrawJob& draw = asked.draw;
  std::optional<int>& steps = diffusion_of(draw.recipe).steps;
  asked.quality = quality == "low" ? "low" : "medium";
  if (quality == "high" || quality == "hd" || quality == "xhigh" || quality == "max") {
    asked.quality = "high";
  }
  if (!steps || *steps <= kFewSteps || asked.quality == "medium") return;
  const std::int64_t a_step =
      std::int64_t{draw.recipe.size.width} * draw.recipe.size.height * draw.count;
  const auto most = static_cast<int>(std::clamp<std::int64_t>(
      kMaxWork / std::max<std::int64_t>(a_step, 1), *steps, std::max(info.schedule_steps, *steps)));
  steps = asked.quality == "low" ? std::max(*steps / 2, kFewSteps) : std::min(*steps * 2, most);
}

// That API has the size as one text.
bool is_size(const Field& field) { return &field == &fields::kWidth || &field == &fields::kHeight; }

// The request in Easel's own words. What that API has no word for goes by Easel's.
Json own_request(Fields& fields, const std::string& model, const SettingsForm& form) {
  const std::size_t least = form.needs_prompt ? 1 : 0;
  const std::string prompt = fields.text("prompt", "", {.least = least, .most = kMaxPromptBytes});
  const auto count = fields.integer("n", 1, 1, kMaxCount);
  Json own = {{"prompt", prompt},
              {"count", count},
              {"model", is_openai_model(model) ? std::string() : model}};
  if (prompt.empty() && form.needs_prompt) own["prompt"] = "a picture";  // its fault is told
  if (!form.sent.init.empty()) {
    own[std::string(fields::kInitHash.json)] = form.sent.init;
    if (!fields.has(fields::kStrength.json)) {
      own[std::string(fields::kStrength.json)] = form.strength;
    }
  }
  if (!form.sent.mask.empty()) own[std::string(fields::kMaskHash.json)] = form.sent.mask;
  visit_rows([&](const Field& field) {
    if (!field.asked || field.json.empty() || own.contains(field.json) || is_size(field)) return;
    if (fields.has(field.json)) own[field.json] = fields.raw(field.json);
  });
  return own;
}

void read_answer(Fields& fields, const std::string& model, ImagesRequest& asked) {
  const std::string usual = embeds_pictures(model) ? "b64_json" : "url";
  const std::string format = fields.text("response_format", usual, {.least = 0, .most = 20});
  if (format != "url" && format != "b64_json" && !format.empty()) {
    fields.fault("response_format", "url or b64_json", "is " + shown(format));
  }
  asked.as_url = (format.empty() ? usual : format) == "url";
  asked.says_prompt = model.starts_with("dall-e-3");
  asked.form = read_form(fields);
  read_background(fields, asked);
  asked.stream = fields.flag("stream", false);
  asked.partial_images =
      static_cast<int>(fields.integer("partial_images", 0, 0, kMostPartialImages));
}

}  // namespace

bool is_openai_model(std::string_view name) {
  return name.starts_with("dall-e") || embeds_pictures(name);
}

ImagesRequest read_images_request(App& app, const Json& body, const SettingsForm& form) {
  // Fields that this API has and Easel has no use for are let be, as its clients send many.
  Fields fields(body, {.refuse_unknown = false, .from_text = form.from_text});
  ImagesRequest asked;
  const std::string model = fields.text("model", "", {.least = 0, .most = 200});
  read_answer(fields, model, asked);
  const Image::Size size = read_size(fields);
  const std::string quality = read_word(
      fields, "quality", {"auto", "low", "medium", "high", "xhigh", "max", "standard", "hd"});
  read_word(fields, "moderation", {"auto", "low"});
  read_word(fields, "style", {"vivid", "natural"});
  fields.text("user", "", {.least = 0, .most = 4096});
  const Json own = own_request(fields, model, form);
  const std::int64_t pixels = std::int64_t{size.width} * size.height;
  if (pixels * own.value("count", 1) > kMostPixels) {
    fields.fault("size", "up to 67108864 pixels in all",
                 "is " + json_of(size).text() + ", too large for so many pictures at once");
  }
  Fields draw(own, {.from_text = form.from_text});
  DrawParsing parsing = app.parsing();
  parsing.needs_prompt = form.needs_prompt;
  asked.draw = parse_draw(draw, parsing);
  fields.take_faults(draw);
  fields.finish();
  Recipe& recipe = asked.draw.recipe;
  asked.size = size.width > 0 ? size : recipe.size;
  if (size.width > 0) fit_to_model(recipe, size, app);
  const ModelInfo& info = app.drawing.models.find(recipe.model.name)->probe->info();
  set_quality(fields.has("steps") ? "medium" : quality, info, asked);
  return asked;
}

}  // namespace easel::server
