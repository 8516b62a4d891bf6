#include <algorithm>
#include <cstdio>

#include "recipe/fields.h"
#include "recipe/values.h"
#include "server/api/foreign.h"
#include "server/api/routes.h"
#include "store/ulid.h"

namespace easel::server {
namespace {

constexpr int kLeastSide = 16;

struct ImagesRequest {
  DrawJob draw;
  bool as_url = false;
  Image::Size size;
};

// "1024x1024"; 0 x 0 for "auto" and nothing.
Image::Size read_size(Fields& fields) {
  const std::string text = fields.text("size", "auto", {.least = 0, .most = 20});
  if (text == "auto" || text.empty()) return {};
  Image::Size size;
  char rest = 0;
  const int read = std::sscanf(text.c_str(), "%4dx%4d%c", &size.width, &size.height, &rest);
  const auto in_range = [](int side) { return side >= kLeastSide && side <= kMaxSide; };
  if (read != 2 || !in_range(size.width) || !in_range(size.height)) {
    fields.fault("size", "auto, or WIDTHxHEIGHT of 16 to 2048",
                 "is " + shown(text) + ", wanted is WIDTHxHEIGHT such as 512x512");
    return {};
  }
  return size;
}

// That API has the size as one text.
bool is_size(const Field& field) { return &field == &fields::kWidth || &field == &fields::kHeight; }

ImagesRequest read_images_request(App& app, const HttpRequest& request) {
  const Json body = parse_object(request.body);
  // Fields that this API has and Easel has no use for are let be, as its clients send many.
  Fields fields(body, {.refuse_unknown = false, .from_text = false});
  ImagesRequest asked;
  const std::string prompt = fields.text("prompt", "", {.least = 1, .most = kMaxPromptBytes});
  const auto count = fields.integer("n", 1, 1, kMaxCount);
  std::string model = fields.text("model", "", {.least = 0, .most = 200});
  // The gpt-image models have no such field: they always answer with the picture itself.
  const bool embeds = model.starts_with("gpt-image") || model.starts_with("chatgpt-image");
  const std::string format =
      fields.text("response_format", embeds ? "b64_json" : "url", {.least = 0, .most = 20});
  if (format != "url" && format != "b64_json") {
    fields.fault("response_format", "url or b64_json", "is " + shown(format));
  }
  asked.as_url = format == "url";
  asked.size = read_size(fields);
  // Programs name that service's models; whoever asks for them means the one there is.
  if (model.starts_with("dall-e") || embeds) model.clear();

  Json own = {{"prompt", prompt}, {"count", count}, {"model", model}};
  if (prompt.empty()) own["prompt"] = "a picture";  // its fault is told already
  // What that API has no word for goes by Easel's.
  visit_rows([&](const Field& field) {
    if (!field.asked || field.json.empty() || own.contains(field.json) || is_size(field)) return;
    if (fields.has(field.json)) own[field.json] = fields.raw(field.json);
  });
  Fields draw(own, {});
  asked.draw = parse_draw(draw, app.parsing());
  fields.take_faults(draw);
  fields.finish();
  if (asked.size.width > 0) {
    fit_to_model(asked.draw.recipe, asked.size, app);
  } else {
    asked.size = asked.draw.recipe.size;
  }
  return asked;
}

// Where the client finds this server. A proxy that speaks TLS for it says so; whoever says it
// without one changes only the addresses that are given to it.
std::string origin_of(const HttpRequest& request) {
  const std::string* scheme = request.header("x-forwarded-proto");
  const bool secure = scheme != nullptr && *scheme == "https";
  return (secure ? "https://" : "http://") + *request.header("host");
}

// What was done, in Easel's own words: nobody should take an enlarged picture for a drawn one.
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
  if (recipe.enlarging.factor) json["enlarged_by"] = recipe.enlarging.upscaler;
  for (const PictureRecord& picture : pictures) {
    json["seeds"].push_back(json_of(picture.recipe.seed.seed));
  }
  return json;
}

void generate(App& app, const RequestPtr& request, const Respond& respond) {
  const ImagesRequest asked = read_images_request(app, *request);
  const App::Fail fail = fail_with(*request, respond);
  const std::string base = origin_of(*request) + "/api/v1/pictures/";
  draw_and_wait(
      app, *request, asked.draw,
      [&app, asked, base, respond, fail](const JobRecord& job,
                                         const std::vector<PictureRecord>& pictures) {
        if (job.state == JobState::kCancelled) {
          return fail({.status = 409, .detail = "the job was cancelled"});
        }
        Json answer = {{"created", now_ms() / 1000},
                       {"data", Json::array()},
                       {"easel", how(asked, job, pictures)}};
        if (asked.as_url) {
          for (const PictureRecord& picture : pictures) {
            answer["data"].push_back({{"url", base + picture.id + "/image.png"}});
          }
          return respond(json_response(answer));
        }
        read_pictures(
            app, pictures,
            [answer, respond](const std::vector<std::string>& texts) {
              Json whole = answer;
              for (const std::string& text : texts) whole["data"].push_back({{"b64_json", text}});
              respond(json_response(whole));
            },
            fail);
      },
      fail);
}

Json model_json(const Models::Model& model) {
  return {{"id", model.entry.name}, {"object", "model"}, {"created", 0}, {"owned_by", "easel"}};
}

void list_models(App& app, const Respond& respond) {
  Json data = Json::array();
  for (const Models::Model& model : app.drawing.models.all()) {
    if (model.probe) data.push_back(model_json(model));
  }
  respond(json_response({{"object", "list"}, {"data", std::move(data)}}));
}

HttpResponse openai_problem(const Problem& problem) {
  HttpResponse response = response_of(problem);
  const Json own = to_json(problem);
  const char* type = problem.status == 401   ? "authentication_error"
                     : problem.status == 429 ? "rate_limit_error"
                     : problem.status >= 500 ? "server_error"
                                             : "invalid_request_error";
  response.body = Json({{"error",
                         {{"message", problem.detail},
                          {"type", type},
                          {"param", own.value("field", Json(nullptr))},
                          {"code", own["type"]}}}})
                      .dump();
  response.type = "application/json";
  return response;
}

}  // namespace

void add_openai_routes(App& app) {
  app.web.router.tell_problems("/v1/", openai_problem);
  app.web.router.add(
      {.method = "POST",
       .pattern = "/v1/images/generations",
       .handler = [&app](const RequestPtr& request,
                         const Respond& respond) { generate(app, request, respond); },
       .body = BodyKind::kJson,
       .submits = true});
  app.web.router.add({.method = "GET",
                      .pattern = "/v1/models",
                      .handler = [&app](const RequestPtr&, const Respond& respond) {
                        list_models(app, respond);
                      }});
  app.web.router.add({.method = "GET",
                      .pattern = "/v1/models/{id}",
                      .handler = [&app](const RequestPtr& request, const Respond& respond) {
                        const Models::Model* model = app.drawing.models.find(request->captures[0]);
                        if (model == nullptr || !model->probe)
                          refuse(404, "there is no such model");
                        respond(json_response(model_json(*model)));
                      }});
}

}  // namespace easel::server
