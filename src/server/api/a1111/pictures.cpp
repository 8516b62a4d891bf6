#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "core/error.h"
#include "http/base64.h"
#include "image/codec.h"
#include "image/facts.h"
#include "image/region.h"
#include "image/resize.h"
#include "recipe/fields.h"
#include "recipe/forms.h"
#include "recipe/values.h"
#include "server/api/a1111/a1111.h"
#include "server/api/a1111/sent_picture.h"
#include "server/api/foreign.h"

namespace easel::server {
namespace {

constexpr std::size_t kMostInBatch = 64;
constexpr std::size_t kMostBatchBytes = 64 << 20;

std::vector<std::uint8_t> picture_bytes(Fields& fields, const char* name) {
  const std::string bytes = sent_picture(fields, name, fields.raw(name));
  fields.finish();
  return {bytes.begin(), bytes.end()};
}

// Runs work that makes an answer on `thread`, and answers on the loop.
void answer_on(App& app, TaskThread& thread, const RequestPtr& request, const Respond& respond,
               std::function<HttpResponse()> work) {
  thread.post([&app, request, respond, work = std::move(work)] {
    HttpResponse response;
    try {
      response = work();
    } catch (const std::exception& error) {
      response = request->tell(problem_of(error));
    }
    app.loop.post([respond, response = std::move(response)] { respond(response); });
  });
}

// The keys of the text with their values, sizes apart.
Json parameters_json(const Recipe& recipe) {
  Json parameters = {{"Prompt", recipe.prompt}, {"Negative prompt", recipe.negative}};
  visit_fields(recipe, [&](const Field& field, const auto& value) {
    if (!field.parameters.empty() && is_said(value)) parameters[field.parameters] = json_of(value);
  });
  if (is_said(recipe.size)) {
    parameters.erase(fields::kSize.parameters);
    parameters["Size-1"] = recipe.size.width;
    parameters["Size-2"] = recipe.size.height;
  }
  return parameters;
}

HttpResponse png_info(const std::string& body) {
  const Json json = parse_object(body);
  Fields fields(json, {.refuse_unknown = false, .from_text = false});
  const std::vector<std::uint8_t> bytes = picture_bytes(fields, "image");
  const PictureFacts picture = facts_of_picture(bytes);
  const auto provenance = provenance_of(picture.metadata);
  // What other programs say in their own way is told in AUTOMATIC1111's.
  std::string text = picture.metadata.parameters;
  if (text.empty() && provenance) text = to_parameters(*provenance);
  Json items = Json::object();
  for (const NamedText& other : picture.metadata.texts) items[other.key] = other.text;
  if (!text.empty()) items["parameters"] = text;
  const Json parameters = provenance ? parameters_json(provenance->recipe) : Json::object();
  return json_response({{"info", text}, {"items", std::move(items)}, {"parameters", parameters}});
}

struct Wanted {
  int mode = 0;  ///< 0: by a factor; 1: to a size
  double factor = 2;
  Image::Size size;
  bool crop = true;
  std::string enlarger;
};

Wanted read_wanted(Fields& fields) {
  Wanted wanted;
  wanted.mode = static_cast<int>(fields.integer("resize_mode", 0, 0, 1));
  wanted.factor = fields.number("upscaling_resize", 2, 0.01, kMaxUpscale);
  wanted.size.width =
      static_cast<int>(fields.integer("upscaling_resize_w", 512, 1, kMaxResultSide));
  wanted.size.height =
      static_cast<int>(fields.integer("upscaling_resize_h", 512, 1, kMaxResultSide));
  wanted.crop = fields.flag("upscaling_crop", true);
  for (const char* share : {"gfpgan_visibility", "codeformer_visibility", "codeformer_weight",
                            "extras_upscaler_2_visibility"}) {
    fields.number(share, 0, 0, 1);
  }
  wanted.enlarger = fields.text("upscaler_1", "None", {.least = 0, .most = 200});
  return wanted;
}

Image middle_of(const Image& image, Image::Size size) {
  return cropped(image, {.x = (image.width() - size.width) / 2,
                         .y = (image.height() - size.height) / 2,
                         .width = size.width,
                         .height = size.height});
}

// How large the picture becomes before it is cropped.
Image::Size wanted_size(const Image& image, const Wanted& wanted) {
  Image::Size size{static_cast<int>(image.width() * wanted.factor),
                   static_cast<int>(image.height() * wanted.factor)};
  if (wanted.mode == 1) {
    const double across = static_cast<double>(wanted.size.width) / image.width();
    const double down = static_cast<double>(wanted.size.height) / image.height();
    const double scale = wanted.crop ? std::max(across, down) : std::min(across, down);
    size = {static_cast<int>(std::lround(image.width() * scale)),
            static_cast<int>(std::lround(image.height() * scale))};
    if (wanted.crop) {
      size = {std::max(size.width, wanted.size.width), std::max(size.height, wanted.size.height)};
    }
  }
  size = {std::max(size.width, 1), std::max(size.height, 1)};
  if (std::max(size.width, size.height) > kMaxResultSide) {
    refuse_field({.field = "upscaling_resize",
                  .value = wanted.factor,
                  .allowed = "results of up to 8192 pixels a side",
                  .detail = "upscaling_resize makes a picture larger than 8192 pixels a side"});
  }
  return size;
}

struct Enlarged {
  std::string text;  ///< PNG in base64
  std::string by;
};

Enlarged enlarged(const App& app, const Wanted& wanted, std::span<const std::uint8_t> bytes) {
  const Picture picture = decode_picture(bytes);
  const Image image = to_rgb8(picture.image);
  const Image::Size size = wanted_size(image, wanted);
  // Names of upscalers that are not here mean the best that is; "None" is plain resampling.
  const Enlarger* enlarger = find_enlarger(app.drawing.engine.enlargers, wanted.enlarger);
  if (enlarger == nullptr) enlarger = find_enlarger(app.drawing.engine.enlargers, "");
  Image result = image;
  std::string by = "None";
  const double larger = static_cast<double>(size.width) / image.width();
  if (wanted.enlarger != "None" && larger > 1) {
    const int factor = std::clamp(static_cast<int>(std::ceil(larger)), 2, kMaxUpscale);
    result = to_rgb8(enlarger->run(image, factor, nullptr));
    by = enlarger->name;
  }
  if (result.size() != size) result = resize(result, size, Resampling::kLanczos);
  if (wanted.mode == 1 && wanted.crop) result = middle_of(result, wanted.size);
  const auto png = encode_picture(
      result, ImageFormat::kPng,
      {.metadata = {.icc = {}, .parameters = picture.metadata.parameters, .easel = {}}});
  return {.text = base64({reinterpret_cast<const char*>(png.data()), png.size()}), .by = by};
}

HttpResponse extra_image(const App& app, const std::string& body) {
  const Json json = parse_object(body);
  Fields fields(json, {.refuse_unknown = false, .from_text = true});
  const Wanted wanted = read_wanted(fields);
  const std::vector<std::uint8_t> bytes = picture_bytes(fields, "image");
  fields.finish();
  const Enlarged large = enlarged(app, wanted, bytes);
  return json_response({{"html_info", "Upscaler: " + large.by}, {"image", large.text}});
}

// The same settings for a list of pictures: [{"data": base64, "name": …}].
HttpResponse extra_images(const App& app, const std::string& body) {
  const Json json = parse_object(body);
  Fields fields(json, {.refuse_unknown = false, .from_text = true});
  const Wanted wanted = read_wanted(fields);
  const Json& list = fields.raw("imageList");
  if (!list.is_array() || list.size() > kMostInBatch) {
    fields.fault("imageList", "a list of up to 64 objects of data and name", "is no such list");
  }
  fields.finish();
  Json images = Json::array();
  std::string by = "None";
  std::size_t bytes = 0;
  for (const Json& item : list) {
    Fields one(item, {.refuse_unknown = false, .from_text = false}, "imageList.");
    Enlarged large = enlarged(app, wanted, picture_bytes(one, "data"));
    bytes += large.text.size();
    if (bytes > kMostBatchBytes) {
      fail(ErrorCode::kUsage, "the enlarged pictures are more than 64 MiB together: send fewer");
    }
    images.push_back(std::move(large.text));
    by = large.by;
  }
  return json_response({{"html_info", "Upscaler: " + by}, {"images", std::move(images)}});
}

}  // namespace

void a1111_png_info(App& app, const RequestPtr& request, const Respond& respond) {
  answer_on(app, *app.threads.helper, request, respond,
            [request] { return png_info(request->body); });
}

void a1111_extra_image(App& app, const RequestPtr& request, const Respond& respond) {
  answer_on(app, *app.threads.enlarging, request, respond,
            [&app, request] { return extra_image(app, request->body); });
}

void a1111_extra_images(App& app, const RequestPtr& request, const Respond& respond) {
  answer_on(app, *app.threads.enlarging, request, respond,
            [&app, request] { return extra_images(app, request->body); });
}

std::string enlarged_preview(const std::string& png) {
  constexpr int kSide = 256;
  const Image image =
      decode_picture({reinterpret_cast<const std::uint8_t*>(png.data()), png.size()}).image;
  const int factor = std::max(1, kSide / std::max({image.width(), image.height(), 1}));
  const Image large =
      resize(image, {image.width() * factor, image.height() * factor}, Resampling::kLanczos);
  const auto bytes = encode_picture(large, ImageFormat::kPng, {.compression = 1});
  return base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace easel::server
