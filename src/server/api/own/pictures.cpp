#include <algorithm>
#include <span>

#include "core/error.h"
#include "core/sha256.h"
#include "http/static_files.h"
#include "image/codec.h"
#include "image/facts.h"
#include "recipe/forms.h"
#include "server/api/own/picture_marks.h"
#include "server/api/own/picture_query.h"
#include "server/api/own/submit.h"
#include "server/api/routes.h"
#include "server/app/app.h"
#include "store/ulid.h"

namespace easel::server {
namespace {

constexpr std::size_t kPictureBytes = 32 << 20;

void list_pictures(App& app, const HttpRequest& request, const Respond& respond) {
  const PictureFilter filter = picture_filter_in(request);
  app.ask([filter](const Transaction& all) { return all.pictures().list(filter); },
          [filter, respond](std::vector<PictureRecord> pictures) {
            respond(json_response(picture_page(filter, std::move(pictures))));
          },
          fail_with(respond));
}

void facets(App& app, const Respond& respond) {
  app.ask([](const Transaction& all) { return all.pictures().facets(); },
          [respond](const GalleryFacets& found) {
            respond(json_response({{"models", found.models},
                                   {"styles", found.styles},
                                   {"subjects", found.subjects},
                                   {"tags", found.tags},
                                   {"count", found.count}}));
          },
          fail_with(respond));
}

enum class Which { kImage, kThumbnail };

// Does `then` with a picture, or answers that there is none.
void with_picture(App& app, const std::string& id, const Respond& respond,
                  std::function<void(const PictureRecord&)> then) {
  app.ask([id](const Transaction& all) { return need_picture(all, id); }, std::move(then),
          fail_with(respond));
}

void show_picture(App&, const HttpRequest&, const PictureRecord& picture, const Respond& respond) {
  respond(json_response(to_json(picture)));
}

void send_file(App& app, const HttpRequest& request, const Respond& respond, Which which,
               const PictureRecord& picture) {
  const bool image = which == Which::kImage;
  const std::string etag = "\"" + picture.id + (image ? "-i\"" : "-t\"");
  HttpResponse response{.type = image ? "image/png" : "image/webp"};
  const std::string* known = request.header("if-none-match");
  if (known == nullptr || known->find(etag) == std::string::npos) {
    auto bytes =
        image ? app.storage.files.picture(picture.id) : app.storage.files.thumbnail(picture.id);
    if (!bytes) refuse(404, "the picture's file has gone");
    response.body = *std::move(bytes);
  }
  if (const std::string* download = request.parameter("download"); download && *download == "1") {
    response.headers.emplace_back("Content-Disposition",
                                  "attachment; filename=\"easel-" + picture.id + ".png\"");
  }
  respond(cached_response(request, std::move(response), etag, true));
}

// Changes a picture and answers with it as it is then.
void change(App& app, const std::string& id, const char* event,
            std::function<void(PictureTable&)> work, const Respond& respond) {
  app.write(
      [id, work = std::move(work)](Transaction& all) {
        need_picture(all, id);
        work(all.pictures());
        return need_picture(all, id);
      },
      [&app, event, respond](const PictureRecord& picture) {
        app.publish_gallery(event, picture);
        respond(json_response(to_json(picture)));
      },
      fail_with(respond));
}

void mark(App& app, const HttpRequest& request, const Respond& respond) {
  const std::string id = request.captures[0];
  const PictureMarks marks = picture_marks_in(parse_object(request.body));
  change(
      app, id, "favourite", [id, marks](PictureTable& pictures) { marks.apply_to(pictures, id); },
      respond);
}

void purge(App& app, const PictureRecord& picture, const Respond& respond) {
  app.storage.files.remove(picture.id);
  app.write([id = picture.id](Transaction& all) { all.pictures().purge(id); },
            [&app, picture, respond] {
              app.publish_purged(picture.id);
              PictureRecord gone = picture;
              gone.deleted = now_ms();
              gone.missing = true;
              respond(json_response(to_json(gone)));
            },
            fail_with(respond));
}

void remove(App& app, const HttpRequest& request, const Respond& respond) {
  const std::string id = request.captures[0];
  const std::string* forever = request.parameter("forever");
  if (forever != nullptr && *forever == "true") {
    return with_picture(app, id, respond, [&app, respond](const PictureRecord& picture) {
      purge(app, picture, respond);
    });
  }
  change(
      app, id, "deleted", [id](PictureTable& pictures) { pictures.set_deleted(id, now_ms()); },
      respond);
}

void restore(App& app, const HttpRequest& request, const Respond& respond) {
  const std::string id = request.captures[0];
  change(
      app, id, "restored", [id](PictureTable& pictures) { pictures.set_deleted(id, std::nullopt); },
      respond);
}

void upscale(App& app, const HttpRequest& request, const PictureRecord& picture,
             const Respond& respond) {
  const Json body = request.body.empty() ? Json::object() : parse_object(request.body);
  Fields fields(body, {});
  const auto factor = static_cast<int>(fields.integer("factor", 4, 2, kMaxUpscale));
  const std::string wanted = fields.text("upscaler", "", {.least = 0, .most = 100});
  const Enlarger* chosen = find_enlarger(app.drawing.engine.enlargers, wanted);
  if (chosen == nullptr) {
    fields.fault("upscaler", names_of(app.drawing.engine.enlargers),
                 "is " + shown(wanted) + ", which there is not");
  }
  const int longest = std::max(picture.width, picture.height);
  if (longest * factor > kMaxResultSide) {
    fields.fault("factor", "2 to " + std::to_string(kMaxResultSide / std::max(longest, 1)),
                 "makes pictures larger than 8192 pixels a side");
  }
  fields.finish();
  NewJob job;
  job.owner = request.owner;
  job.client = request.client;
  job.kind = "upscale";
  job.request =
      Json({{"picture", picture.id}, {"factor", factor}, {"upscaler", chosen->name}}).dump();
  job.hash = sha256_hex("upscale " + job.request);
  job.hashes = {job.hash};
  job.model = "";
  submit_and_answer(app, request, std::move(job), true, respond);
}

void vary(App& app, const HttpRequest& request, const PictureRecord& picture,
          const Respond& respond) {
  const Json body = request.body.empty() ? Json::object() : parse_object(request.body);
  Fields own(body, {});
  const double strength = own.number("strength", 0.25, 0, 1);
  const auto count = own.integer("count", 4, 1, kMaxCount);
  // Neighbours of a neighbour are taken around the noise's origin, with other seeds.
  const SeedPlan& seed = picture.recipe.seed;
  const std::uint64_t origin = seed.variation ? seed.variation->seed : seed.seed.value_or(0);
  const std::uint64_t other = own.seed("seed").value_or((origin + 1) & 0xffffffff);
  own.finish();
  Recipe recipe = picture.recipe;
  recipe.seed.variation = Variation{.seed = other, .strength = strength};
  recipe.enlarging = {};
  Json draw = asked_of(recipe);
  draw["count"] = count;
  Fields fields(draw, {});
  const DrawJob job = parse_draw(fields, app.parsing());
  fields.finish();
  submit_and_answer(app, request, app.new_draw(request, job), true, respond);
}

Json settings_json(const Provenance& provenance) {
  Json json = to_json(provenance.recipe, Unsaid::kShow);
  json["version"] = provenance.version;
  json["extra"] = Json::object();
  for (const auto& [key, value] : provenance.others) json["extra"][key] = value;
  return json;
}

// "jpeg": the media type without its "image/".
std::string format_name(ImageFormat format) {
  return std::string(media_type_of(format).substr(std::string_view("image/").size()));
}

void picture_info(App& app, const RequestPtr& request, const Respond& respond) {
  if (request->body.empty()) refuse(400, "the body is empty: wanted are a picture's bytes");
  // Looking through 32 megabytes takes a while; others should not wait for it.
  app.threads.helper->post([&app, request, respond] {
    HttpResponse response;
    try {
      const std::string& body = request->body;
      const std::span bytes(reinterpret_cast<const std::uint8_t*>(body.data()), body.size());
      const PictureFacts picture = facts_of_picture(bytes);
      const auto settings = provenance_of(picture.metadata);
      response = json_response({{"format", format_name(picture.format)},
                                {"width", picture.size.width},
                                {"height", picture.size.height},
                                {"settings", settings ? settings_json(*settings) : Json(nullptr)},
                                {"parameters", picture.metadata.parameters}});
    } catch (const std::exception& error) {
      response = response_of(problem_of(error));
    }
    app.loop.post([respond, response = std::move(response)] { respond(response); });
  });
}

}  // namespace

void add_picture_routes(App& app) {
  const std::string base = "/api/v1/pictures";
  const auto with = [&app](auto action) {
    return [&app, action](const RequestPtr& request, const Respond& respond) {
      action(app, *request, respond);
    };
  };
  // Of one picture, which is there.
  const auto with_one = [&app](auto action) {
    return [&app, action](const RequestPtr& request, const Respond& respond) {
      with_picture(app, request->captures[0], respond,
                   [&app, action, request, respond](const PictureRecord& picture) {
                     action(app, *request, picture, respond);
                   });
    };
  };
  const auto file = [&](Which which) {
    return with_one(
        [which](App& a, const HttpRequest& request, const PictureRecord& picture,
                const Respond& respond) { send_file(a, request, respond, which, picture); });
  };
  const std::string one = base + "/{id}";
  app.web.router.add({.method = "GET", .pattern = base, .handler = with(list_pictures)});
  app.web.router.add(
      {.method = "GET",
       .pattern = base + "/facets",
       .handler = [&app](const RequestPtr&, const Respond& respond) { facets(app, respond); }});
  app.web.router.add({.method = "GET", .pattern = one, .handler = with_one(show_picture)});
  app.web.router.add(
      {.method = "PATCH", .pattern = one, .handler = with(mark), .body = BodyKind::kJson});
  app.web.router.add({.method = "DELETE", .pattern = one, .handler = with(remove)});
  app.web.router.add({.method = "POST", .pattern = one + "/restore", .handler = with(restore)});
  app.web.router.add({.method = "GET",
                      .pattern = one + "/image.png",
                      .handler = file(Which::kImage),
                      .signable = true});
  app.web.router.add(
      {.method = "GET", .pattern = one + "/thumbnail.webp", .handler = file(Which::kThumbnail)});
  app.web.router.add({.method = "POST",
                      .pattern = one + "/upscale",
                      .handler = with_one(upscale),
                      .body = BodyKind::kJson,
                      .submits = true});
  app.web.router.add({.method = "POST",
                      .pattern = one + "/variations",
                      .handler = with_one(vary),
                      .body = BodyKind::kJson,
                      .submits = true});
  app.web.router.add(
      {.method = "POST",
       .pattern = "/api/v1/png-info",
       .handler = [&app](const RequestPtr& request,
                         const Respond& respond) { picture_info(app, request, respond); },
       .body = BodyKind::kPicture,
       .body_limit = kPictureBytes});
}

}  // namespace easel::server
