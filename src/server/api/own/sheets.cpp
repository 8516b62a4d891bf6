#include "store/sheets.h"

#include <algorithm>
#include <span>
#include <utility>

#include "core/error.h"
#include "image/codec.h"
#include "image/label.h"
#include "server/api/own/sheet_plan.h"
#include "server/api/own/sheet_sight.h"
#include "server/api/own/submit.h"
#include "server/api/routes.h"
#include "server/app/app.h"
#include "server/app/limits.h"

namespace easel::server {
namespace {

constexpr std::int64_t kMostSheetPixels = std::int64_t{64} << 20;

enum class Detail { kSummary, kCells };

Json sheet_json(const App& app, const SheetSight& sight, Detail detail) {
  const SheetRecord& sheet = sight.sheet;
  const Json& request = sight.request;
  const std::vector<SheetCell>& cells = sight.cells;
  const std::size_t columns = request["styles"].size();
  int done = 0;
  int waiting = 0;
  Json list = Json::array();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const SheetCell& cell = cells[i];
    done += cell.picture ? 1 : 0;
    waiting += is_final(cell.state) ? 0 : 1;
    list.push_back({{"row", i / columns},
                    {"column", i % columns},
                    {"job", cell.job},
                    {"state", std::string(name_of(cell.state))},
                    {"picture", cell.picture ? to_json(*cell.picture) : Json(nullptr)}});
  }
  Json json = {{"id", sheet.id},
               {"created", time_text(sheet.created)},
               {"state", waiting > 0                              ? "running"
                         : done == static_cast<int>(cells.size()) ? "done"
                                                                  : "stopped"},
               {"subjects", request["subjects"]},
               {"styles", request["styles"]},
               {"request", request["settings"]},
               {"done", done},
               {"total", cells.size()},
               {"seconds_left", nullptr},
               {"image", "/api/v1/sheets/" + sheet.id + "/image.png"}};
  const DrawJob draw = draw_job_from_json(request["settings"]);
  if (const auto expected = app.drawing.times.expected(draw); expected && waiting > 0) {
    json["seconds_left"] = waiting * StepTimes::seconds(draw, expected->times);
  }
  if (detail == Detail::kCells) json["cells"] = std::move(list);
  return json;
}

// Reads a sheet as it is now, and answers with it.
void answer_sheet(App& app, const std::string& id, int status, const Respond& respond) {
  app.ask([id](const Transaction& all) { return sight_of(all, need_sheet(all, id)); },
          [&app, status, respond](const SheetSight& sight) {
            respond(json_response(sheet_json(app, sight, Detail::kCells), status));
          },
          fail_with(respond));
}

// The Fail of what adds to the queue.
App::Fail fail_full(App& app, const Respond& respond) {
  return [&app, respond](const Problem& problem) {
    if (problem.status != 429 || problem.retry_after) return respond(response_of(problem));
    app.refuse_full(problem.detail, fail_with(respond));
  };
}

std::string submit_plan(Transaction& all, const SheetPlan& plan, const IdempotencyKey& key,
                        const QueueLimits& limits) {
  const SheetSubmission made = submit_sheet(all, plan.sheet, plan.jobs, key, limits);
  switch (made.outcome) {
    case Submission::Outcome::kOtherBody:
      refuse_field({.field = "Idempotency-Key",
                    .value = nullptr,
                    .allowed = "a new key for a new request",
                    .detail = "this Idempotency-Key was used for another request"});
    case Submission::Outcome::kQueueFull:
    case Submission::Outcome::kOwnerFull:
    case Submission::Outcome::kOwnerPictures:
    case Submission::Outcome::kOwnerHour:
      throw ProblemError(
          {.status = 429,
           .detail = "the queue has no room for this sheet: " + told_full(made.outcome, limits),
           .retry_after = told_wait(made.wait)});
    case Submission::Outcome::kReplayed:
    case Submission::Outcome::kAccepted:
      break;
  }
  return made.id;
}

void post_sheet(App& app, const HttpRequest& request, const Respond& respond) {
  const IdempotencyKey key = idempotency_key(request);
  const QueueLimits limits = app.limits_of(request.owner);
  app.write(
      [plan = plan_sheet(app, request), key, limits](Transaction& all) {
        SheetPlan now = plan;
        reuse_drawn(all, now);
        return submit_plan(all, now, key, limits);
      },
      [&app, respond](const std::string& id) {
        answer_sheet(app, id, 202, respond);
        app.queue_changed();
      },
      fail_full(app, respond));
}

SheetRecord own_sheet(const Transaction& all, const std::string& id, const std::string& asking) {
  SheetRecord sheet = need_sheet(all, id);
  require_own(sheet.owner, asking);
  return sheet;
}

void stop_sheet(App& app, const HttpRequest& request, const Respond& respond) {
  const std::string id = request.captures[0];
  app.write([id, owner = request.owner](
                Transaction& all) { return cancel_sheet(all, own_sheet(all, id, owner).id); },
            [&app, id, respond](const std::vector<std::pair<std::string, JobState>>& cancelled) {
              for (const auto& [job, before] : cancelled) app.was_cancelled(job, before);
              answer_sheet(app, id, 202, respond);
            },
            fail_with(respond));
}

void continue_sheet(App& app, const HttpRequest& request, const Respond& respond) {
  const std::string id = request.captures[0];
  app.write(
      [id, owner = request.owner](Transaction& all) {
        if (!resume_sheet(all, own_sheet(all, id, owner).id, kQueueOfAll)) {
          refuse(429, "the queue has no room for this sheet");
        }
      },
      [&app, id, respond] {
        answer_sheet(app, id, 202, respond);
        app.queue_changed();
      },
      fail_full(app, respond));
}

Image read_cell(const PictureFiles& files, const std::string& id, int side) {
  try {
    const auto bytes = side <= kThumbnailSide ? files.thumbnail(id) : files.picture(id);
    if (!bytes) return {};
    return decode_picture({reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()})
        .image;
  } catch (const Error&) {
    return {};  // an empty cell tells of it
  }
}

struct Download {
  std::string name;
  bool attached = false;
};

HttpResponse composed(const PictureFiles& files, const LabelledSheet& table,
                      const std::vector<std::string>& ids, const Download& download) {
  HttpResponse response{.type = "image/png"};
  std::vector<Image> pictures;
  pictures.reserve(ids.size());
  for (const std::string& cell : ids) {
    pictures.push_back(cell.empty() ? Image() : read_cell(files, cell, table.cell));
  }
  const auto png = encode_picture(labelled_sheet(table, pictures), ImageFormat::kPng);
  response.body.assign(png.begin(), png.end());
  if (download.attached) {
    response.headers.emplace_back("Content-Disposition",
                                  "attachment; filename=\"easel-sheet-" + download.name + ".png\"");
  }
  return response;
}

void compose(App& app, LabelledSheet table, const SheetSight& sight, const Download& download,
             const Respond& respond) {
  const std::int64_t each = std::int64_t{table.cell} * table.cell;
  if (each * static_cast<std::int64_t>(sight.cells.size()) > kMostSheetPixels) {
    refuse_field({.field = "cell",
                  .value = table.cell,
                  .allowed = "a smaller one for so many cells",
                  .detail = "cell makes a sheet of over 64 megapixels"});
  }
  for (const Json& subject : sight.request["subjects"])
    table.rows.push_back(subject["name"].text());
  for (const Json& style : sight.request["styles"]) table.columns.push_back(style["name"].text());
  std::vector<std::string> ids;
  for (const SheetCell& cell : sight.cells) ids.push_back(cell.picture ? cell.picture->id : "");
  app.threads.helper->post([&app, table, ids, download, respond] {
    HttpResponse response;
    try {
      response = composed(app.storage.files, table, ids, download);
    } catch (const std::exception& error) {
      response = response_of(problem_of(error));
    }
    app.loop.post([respond, response = std::move(response)] { respond(response); });
  });
}

void sheet_image(App& app, const RequestPtr& request, const Respond& respond) {
  const Json query = query_object(*request);
  Fields fields(query, {.refuse_unknown = true, .from_text = true});
  LabelledSheet table;
  table.cell = static_cast<int>(fields.integer("cell", 256, 32, 512));
  fields.ignore("download");
  fields.finish();
  const std::string* download = request->parameter("download");
  const std::string id = request->captures[0];
  const Download wanted{.name = id, .attached = download != nullptr && *download == "1"};
  app.ask([id](const Transaction& all) { return sight_of(all, need_sheet(all, id)); },
          [&app, table, wanted, respond](const SheetSight& sight) {
            compose(app, table, sight, wanted, respond);
          },
          fail_with(respond));
}

void list_sheets(App& app, const Respond& respond) {
  app.ask(
      [](const Transaction& all) {
        std::vector<SheetSight> sights;
        for (SheetRecord& sheet : all.sheets().newest(50)) {
          sights.push_back(sight_of(all, std::move(sheet)));
        }
        return sights;
      },
      [&app, respond](const std::vector<SheetSight>& sights) {
        Json items = Json::array();
        for (const SheetSight& sight : sights) {
          items.push_back(sheet_json(app, sight, Detail::kSummary));
        }
        respond(json_response({{"items", std::move(items)}}));
      },
      fail_with(respond));
}

void remove_sheet(App& app, const HttpRequest& request, const Respond& respond) {
  const std::string id = request.captures[0];
  app.write([id, owner = request.owner](
                Transaction& all) { all.sheets().remove(own_sheet(all, id, owner).id); },
            [respond] { respond({.status = 204}); }, fail_with(respond));
}

}  // namespace

void add_sheet_routes(App& app) {
  const std::string base = "/api/v1/sheets";
  using Action = void (*)(App&, const HttpRequest&, const Respond&);
  const auto add = [&](const char* method, const std::string& path, Action action,
                       BodyKind body = BodyKind::kNone, bool submits = false) {
    app.web.router.add(
        {.method = method,
         .pattern = base + path,
         .handler = [&app, action](const RequestPtr& request,
                                   const Respond& respond) { action(app, *request, respond); },
         .body = body,
         .submits = submits});
  };
  add("POST", "", post_sheet, BodyKind::kJson, true);
  add("GET", "",
      [](App& a, const HttpRequest&, const Respond& respond) { list_sheets(a, respond); });
  add("GET", "/{id}", [](App& a, const HttpRequest& request, const Respond& respond) {
    answer_sheet(a, request.captures[0], 200, respond);
  });
  add("DELETE", "/{id}", remove_sheet);
  add("POST", "/{id}/cancel", stop_sheet);
  add("POST", "/{id}/resume", continue_sheet, BodyKind::kNone, true);
  app.web.router.add({.method = "GET",
                      .pattern = base + "/{id}/image.png",
                      .handler = [&app](const RequestPtr& request, const Respond& respond) {
                        sheet_image(app, request, respond);
                      }});
}

}  // namespace easel::server
