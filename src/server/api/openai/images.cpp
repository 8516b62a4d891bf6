#include "server/api/openai/answer.h"
#include "server/api/openai/edits.h"
#include "server/api/openai/request.h"
#include "server/api/openai/stream.h"
#include "server/api/routes.h"
#include "store/ulid.h"

namespace easel::server {
namespace {

Json answer_of(const ImagesRequest& asked, const JobRecord& job,
               const std::vector<PictureRecord>& pictures) {
  Json answer = {{"created", now_ms() / 1000}, {"data", Json::array()}};
  answer.update(picture_facts(asked));
  answer["usage"] = no_usage();
  answer["easel"] = how(asked, job, pictures);
  return answer;
}

void add_picture(const ImagesRequest& asked, const char* key, const std::string& text,
                 Json& answer) {
  Json picture = {{key, text}};
  if (asked.says_prompt) picture["revised_prompt"] = asked.draw.recipe.prompt;
  answer["data"].push_back(std::move(picture));
}

}  // namespace

void answer_images(App& app, const RequestPtr& request, const ImagesRequest& asked,
                   const Respond& respond) {
  if (asked.stream) return stream_images(app, request, asked, respond);
  const App::Fail fail = fail_with(*request, respond);
  draw_and_wait(
      app, *request, asked.draw,
      [&app, asked, request, respond, fail](const JobRecord& job,
                                            const std::vector<PictureRecord>& pictures) {
        if (job.state == JobState::kCancelled) {
          return fail({.status = 409, .detail = "the job was cancelled"});
        }
        Json answer = answer_of(asked, job, pictures);
        if (asked.as_url) {
          for (const PictureRecord& picture : pictures) {
            add_picture(asked, "url", address_of(app, *request, picture, asked.form), answer);
          }
          return respond(json_response(answer));
        }
        read_pictures(
            app, pictures, asked.form,
            [answer, asked, respond](const std::vector<std::string>& texts) {
              Json whole = answer;
              for (const std::string& text : texts) add_picture(asked, "b64_json", text, whole);
              respond(json_response(whole));
            },
            fail);
      },
      fail);
}

namespace {

void generate(App& app, const RequestPtr& request, const Respond& respond) {
  answer_images(app, request, read_images_request(app, parse_object(request->body)), respond);
}

Json model_json(const std::string& name) {
  return {{"id", name}, {"object", "model"}, {"created", 0}, {"owned_by", "easel"}};
}

void list_models(App& app, const Respond& respond) {
  Json data = Json::array();
  for (const Models::Model& model : app.drawing.models.all()) {
    if (model.probe) data.push_back(model_json(model.entry.name));
  }
  respond(json_response({{"object", "list"}, {"data", std::move(data)}}));
}

// That service's own names are taken wherever a model is asked for, so they are found here too.
void show_model(const App& app, const std::string& name, const Respond& respond) {
  const Models::Model* model = app.drawing.models.find(name);
  const bool usable = (model != nullptr && model->probe) || is_openai_model(name);
  if (!usable) refuse(404, "there is no such model");
  respond(json_response(model_json(name)));
}

HttpResponse openai_problem(const Problem& problem) {
  HttpResponse response = response_of(problem);
  response.body = Json({{"error", error_json(problem)}}).dump();
  response.type = "application/json";
  return response;
}

}  // namespace

void add_openai_routes(App& app) {
  Router& router = app.web.router;
  const auto calls = [&app](void (*work)(App&, const RequestPtr&, const Respond&)) -> Handler {
    return [&app, work](const RequestPtr& request, const Respond& respond) {
      work(app, request, respond);
    };
  };
  router.tell_problems("/v1/", openai_problem);
  router.add({.method = "POST",
              .pattern = "/v1/images/generations",
              .handler = calls(generate),
              .body = BodyKind::kJson,
              .submits = true});
  router.add({.method = "GET",
              .pattern = "/v1/images/{id}/{file}",
              .handler = calls(send_in_form),
              .signable = true});
  add_image_form_routes(app);
  router.add({.method = "GET",
              .pattern = "/v1/models",
              .handler = [&app](const RequestPtr&, const Respond& respond) {
                list_models(app, respond);
              }});
  router.add({.method = "GET",
              .pattern = "/v1/models/{id}",
              .handler = [&app](const RequestPtr& request, const Respond& respond) {
                show_model(app, request->captures[0], respond);
              }});
}

}  // namespace easel::server
