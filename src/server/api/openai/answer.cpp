#include "server/api/openai/answer.h"

#include <charconv>

#include "http/static_files.h"
#include "pipeline/drawing/editing_check.h"
#include "recipe/values.h"
#include "store/ulid.h"

namespace easel::server {
namespace {

constexpr std::int64_t kAddressSeconds = 3600;  // as long as that service's addresses work

// "jpeg": the media type without its "image/".
std::string word_for(ImageFormat format) {
  return std::string(media_type_of(format).substr(std::string_view("image/").size()));
}

// "image-80.webp"
std::string name_in_form(const PictureForm& form) {
  return "image-" + std::to_string(form.quality) + "." + word_for(form.format);
}

PictureForm form_named(const std::string& name) {
  for (const ImageFormat format : {ImageFormat::kJpeg, ImageFormat::kWebp}) {
    PictureForm form{.format = format, .quality = 0};
    if (!name.starts_with("image-")) break;
    std::from_chars(name.data() + 6, name.data() + name.size(), form.quality);
    if (form.quality >= 1 && form.quality <= 100 && name == name_in_form(form)) return form;
  }
  refuse(404, "there is no such picture");
}

}  // namespace

Json picture_facts(const ImagesRequest& asked) {
  return {{"size", json_of(asked.size)},
          {"quality", asked.quality},
          {"background", "opaque"},
          {"output_format", word_for(asked.form.format)}};
}

Json no_usage() {
  return {{"input_tokens", 0},
          {"output_tokens", 0},
          {"total_tokens", 0},
          {"input_tokens_details", {{"text_tokens", 0}, {"image_tokens", 0}}}};
}

Json how(const ImagesRequest& asked, const JobRecord& job,
         const std::vector<PictureRecord>& pictures) {
  const Recipe& recipe = asked.draw.recipe;
  Json json = {{"job", job.id},
               {"model", recipe.model.name},
               {"steps", json_of(diffusion_of(recipe).steps)},
               {"sampler", diffusion_of(recipe).sampler},
               {"drawn_size", json_of(recipe.size)},
               {"size", json_of(asked.size)},
               {"enlarged", is_said(recipe.enlarging.factor)},
               {"seeds", Json::array()}};
  if (begins_at_picture(recipe)) {
    json["strength"] = json_of(diffusion_of(recipe).editing.strength);
  }
  if (recipe.enlarging.factor) json["enlarged_by"] = recipe.enlarging.upscaler;
  for (const PictureRecord& picture : pictures) {
    json["seeds"].push_back(json_of(picture.recipe.seed.seed));
  }
  const Json notes = Json::try_parse(job.notes).value_or(nullptr);
  json["notes"] = notes.is_array() ? notes : Json::array();
  for (const std::string& note : asked.notes) json["notes"].push_back(note);
  return json;
}

std::string address_of(const App& app, const HttpRequest& request, const PictureRecord& picture,
                       const PictureForm& form) {
  const std::string path = form.format == ImageFormat::kPng
                               ? "/api/v1/pictures/" + picture.id + "/image.png"
                               : "/v1/images/" + picture.id + "/" + name_in_form(form);
  const std::int64_t expires = now_ms() / 1000 + kAddressSeconds;
  return app.web.address_of(request, path) + "?" + app.web.gate.signer().sign(path, expires);
}

void send_in_form(App& app, const RequestPtr& request, const Respond& respond) {
  const PictureForm form = form_named(request->captures[1]);
  const App::Fail fail = fail_with(*request, respond);
  app.ask([id = request->captures[0]](const Transaction& all) { return need_picture(all, id); },
          [&app, form, request, respond, fail](const PictureRecord& picture) {
            app.threads.helper->post([&app, picture, form, request, respond, fail] {
              HttpResponse response{.type = std::string(media_type_of(form.format))};
              try {
                const auto bytes = app.storage.files.picture(picture.id);
                if (!bytes) refuse(404, "the picture's file has gone");
                response.body = in_form(*bytes, form);
              } catch (const std::exception& error) {
                response = request->tell(problem_of(error));
              }
              app.loop.post([respond, response = std::move(response)] { respond(response); });
            });
          },
          fail);
}

Json error_json(const Problem& problem) {
  const Json own = to_json(problem);
  const char* type = problem.status == 401   ? "authentication_error"
                     : problem.status == 429 ? "rate_limit_error"
                     : problem.status >= 500 ? "server_error"
                                             : "invalid_request_error";
  return {{"message", problem.detail},
          {"type", type},
          {"param", own.value("field", Json(nullptr))},
          {"code", own["type"]}};
}

}  // namespace easel::server
