// Pictures that people bring into the gallery.

#include "store/import.h"

#include <utility>

#include "server/api/routes.h"
#include "server/app/app.h"

namespace easel::server {
namespace {

constexpr std::size_t kMostBroughtBytes = 32 << 20;

void refuse_if_full(const App& app, std::size_t bytes) {
  const std::int64_t free = app.storage.folder.space().free;
  if (free >= 2 * static_cast<std::int64_t>(bytes) + DataFolder::kReserveBytes) return;
  refuse(507, "the disk is full: the picture cannot be kept");
}

Import imported(App& app, const std::string& bytes) {
  refuse_if_full(app, bytes.size());
  return import_picture(*app.storage.records, app.storage.files,
                        {.bytes = bytes, .name = "the picture"});
}

void answer_imported(App& app, const Import& import, const Respond& respond) {
  if (import.added) app.publish_gallery("added", import.picture);
  HttpResponse response = json_response(to_json(import.picture), import.added ? 201 : 200);
  response.headers.emplace_back("Location", "/api/v1/pictures/" + import.picture.id);
  respond(std::move(response));
}

// Decoding and the store take a while: both on the helping thread.
void take_picture(App& app, const RequestPtr& request, const Respond& respond) {
  if (request->body.empty()) refuse(400, "the body is empty: wanted are a picture's bytes");
  app.threads.helper->post([&app, request, respond] {
    try {
      const Import import = imported(app, request->body);
      app.loop.post([&app, import, respond] { answer_imported(app, import, respond); });
    } catch (const std::exception& error) {
      app.loop.post([respond, response = response_of(problem_of(error))] { respond(response); });
    }
  });
}

}  // namespace

void add_import_routes(App& app) {
  app.web.router.add(
      {.method = "POST",
       .pattern = "/api/v1/pictures",
       .handler = [&app](const RequestPtr& request,
                         const Respond& respond) { take_picture(app, request, respond); },
       .body = BodyKind::kPicture,
       .body_limit = kMostBroughtBytes});
}

}  // namespace easel::server
