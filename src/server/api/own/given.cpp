// Pictures to begin at: sent by whoever draws, or taken from the gallery.

#include <functional>
#include <span>
#include <utility>

#include "image/codec.h"
#include "server/api/routes.h"
#include "server/app/app.h"

namespace easel::server {
namespace {

constexpr std::size_t kMostGivenBytes = 32 << 20;

std::span<const std::uint8_t> bytes_in(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void refuse_without_space(const App& app, std::size_t bytes) {
  const std::int64_t free = app.storage.folder.space().free;
  if (free >= static_cast<std::int64_t>(bytes) + DataFolder::kReserveBytes) return;
  refuse(507, "the disk is full: the picture cannot be kept");
}

// Decodes the whole picture before it is kept: what is broken is said now, and not when it is drawn
// from.
HttpResponse keep_given(const App& app, const std::string& bytes) {
  const Picture picture = decode_picture(bytes_in(bytes), "the picture");
  refuse_without_space(app, bytes.size());
  const std::string sha256 = app.storage.given.keep(bytes);
  HttpResponse response = json_response(
      {{"sha256", sha256},
       {"type", media_type_of(picture.format)},
       {"width", picture.image.width()},
       {"height", picture.image.height()},
       {"transparent", picture.image.channels() == 2 || picture.image.channels() == 4},
       {"bytes", bytes.size()}},
      201);
  response.headers.emplace_back("Location", "/api/v1/given/" + sha256);
  return response;
}

// Decoding takes a while: it is done on the helping thread, and answered on the loop.
void answer_beside(App& app, const Respond& respond, std::function<HttpResponse()> work) {
  app.threads.helper->post([&app, respond, work = std::move(work)] {
    HttpResponse response;
    try {
      response = work();
    } catch (const std::exception& error) {
      response = response_of(problem_of(error));
    }
    app.loop.post([respond, response = std::move(response)] { respond(response); });
  });
}

void send_given(App& app, const RequestPtr& request, const Respond& respond) {
  answer_beside(app, respond, [&app, sha256 = request->captures[0]] {
    auto bytes = app.storage.given.read(sha256);
    if (!bytes) refuse(404, "no picture with this SHA-256 was sent here");
    const auto format = detect_format(bytes_in(*bytes));
    if (!format) refuse(404, "the file of this picture is broken");
    // It is what its hash says, for ever.
    return HttpResponse{.type = std::string(media_type_of(*format)),
                        .body = *std::move(bytes),
                        .headers = {{"Cache-Control", "private, max-age=31536000, immutable"}}};
  });
}

void take_given(App& app, const RequestPtr& request, const Respond& respond) {
  if (request->body.empty()) refuse(400, "the body is empty: wanted are a picture's bytes");
  answer_beside(app, respond, [&app, request] { return keep_given(app, request->body); });
}

void take_from_gallery(App& app, const RequestPtr& request, const Respond& respond) {
  app.ask([id = request->captures[0]](const Transaction& all) { return need_picture(all, id); },
          [&app, respond](const PictureRecord& picture) {
            answer_beside(app, respond, [&app, id = picture.id] {
              const auto bytes = app.storage.files.picture(id);
              if (!bytes) refuse(404, "the picture's file has gone");
              return keep_given(app, *bytes);
            });
          },
          fail_with(respond));
}

}  // namespace

void add_given_routes(App& app) {
  const auto calls = [&app](void (*work)(App&, const RequestPtr&, const Respond&)) -> Handler {
    return [&app, work](const RequestPtr& request, const Respond& respond) {
      work(app, request, respond);
    };
  };
  app.web.router.add({.method = "POST",
                      .pattern = "/api/v1/given",
                      .handler = calls(take_given),
                      .body = BodyKind::kPicture,
                      .body_limit = kMostGivenBytes});
  app.web.router.add(
      {.method = "GET", .pattern = "/api/v1/given/{sha256}", .handler = calls(send_given)});
  app.web.router.add({.method = "POST",
                      .pattern = "/api/v1/pictures/{id}/given",
                      .handler = calls(take_from_gallery)});
}

}  // namespace easel::server
