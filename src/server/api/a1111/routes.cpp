#include "server/api/routes.h"

#include "server/api/a1111/a1111.h"

namespace easel::server {
namespace {

using Work = void (*)(App&, const RequestPtr&, const Respond&);

constexpr std::size_t kUploadBytes = 44 << 20;          // 32 MiB in base64
constexpr std::size_t kTwoPictures = 2 * kUploadBytes;  // and a mask

HttpResponse problem_form(const Problem& problem) {
  HttpResponse response = response_of(problem);
  const Json own = to_json(problem);
  const Json field = own.value("field", Json(nullptr));
  response.body = Json({{"error", own["type"]},
                        {"detail", problem.detail},
                        {"body", field.is_null() ? Json("") : field},
                        {"errors", problem.detail}})
                      .dump();
  response.type = "application/json";
  // Its clients know no other way to send a token than as Basic authentication's password.
  if (problem.status == 401) response.headers = {{"WWW-Authenticate", "Basic realm=\"easel\""}};
  return response;
}

void answer_with(App& app, const std::string& method, const std::string& path, const Json& answer) {
  app.web.router.add({.method = method,
                      .pattern = path,
                      .handler = [answer](const RequestPtr&, const Respond& respond) {
                        respond(json_response(answer));
                      }});
}

// What that program does and this one does not; each says so.
void refuse_the_rest(App& app) {
  struct Other {
    const char* path;
    const char* why;
  };
  static constexpr Other kOthers[] = {
      {"interrogate", "interrogate is not offered: no model here puts pictures into words"},
      {"server-kill", "the server is stopped where it was started, not from here"},
      {"server-restart", "the server is started again where it was started, not from here"},
      {"server-stop", "the server is stopped where it was started, not from here"},
      {"create/embedding", "embeddings are not made here"},
      {"create/hypernetwork", "hypernetworks are not made here"},
      {"train/embedding", "nothing is trained here"},
      {"train/hypernetwork", "nothing is trained here"},
  };
  for (const Other& other : kOthers) {
    app.web.router.add({.method = "POST",
                        .pattern = std::string("/sdapi/v1/") + other.path,
                        .not_offered = other.why});
  }
}

}  // namespace

void add_a1111_routes(App& app) {
  app.web.router.tell_problems("/sdapi/", problem_form);
  const auto add = [&](const char* method, const std::string& path, Work work, Route route = {}) {
    route.method = method;
    route.pattern = "/sdapi/v1/" + path;
    route.handler = [&app, work](const RequestPtr& request, const Respond& respond) {
      work(app, request, respond);
    };
    app.web.router.add(std::move(route));
  };
  add_a1111_lists(app);
  add("POST", "txt2img", a1111_txt2img, {.body = BodyKind::kJson, .submits = true});
  add("POST", "img2img", a1111_img2img,
      {.body = BodyKind::kJson, .body_limit = kTwoPictures, .submits = true});
  add("GET", "progress", a1111_progress);
  for (const char* path : {"interrupt", "skip"}) add("POST", path, a1111_interrupt);
  const Route takes_pictures{.body = BodyKind::kJson, .body_limit = kUploadBytes};
  add("POST", "png-info", a1111_png_info, takes_pictures);
  add("POST", "extra-single-image", a1111_extra_image, takes_pictures);
  add("POST", "extra-batch-images", a1111_extra_images, takes_pictures);
  // Models are found at the start, and their memory is given back by itself.
  for (const char* path :
       {"refresh-checkpoints", "refresh-vae", "refresh-loras", "refresh-embeddings"}) {
    answer_with(app, "POST", std::string("/sdapi/v1/") + path, nullptr);
  }
  for (const char* path : {"unload-checkpoint", "reload-checkpoint"}) {
    answer_with(app, "POST", std::string("/sdapi/v1/") + path, Json::object());
  }
  answer_with(app, "GET", "/internal/ping", Json::object());
  refuse_the_rest(app);
}

}  // namespace easel::server
