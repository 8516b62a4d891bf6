#include <algorithm>
#include <span>
#include <utility>

#include "core/error.h"
#include "image/codec.h"
#include "image/label.h"
#include "server/api/own/submit.h"
#include "server/api/routes.h"
#include "server/app/app.h"
#include "store/sheet_store.h"
#include "store/ulid.h"

namespace easel::server {
namespace {

constexpr std::size_t kMostEntries = 100;
constexpr std::size_t kMostCells = 1000;
constexpr std::int64_t kMostPixels = std::int64_t{64} << 20;
constexpr int kBehindOthers = -1;

Json list_json(const std::vector<Catalogue::Entry>& entries) {
  Json list = Json::array();
  for (const auto& entry : entries) list.push_back({{"name", entry.name}, {"text", entry.text}});
  return list;
}

struct Plan {
  SheetRecord sheet;
  std::vector<NewJob> jobs;  ///< of the cells that have to be drawn
};

void refuse_empty(const std::vector<Catalogue::Entry>& entries, const char* what,
                  std::vector<Fault>& faults) {
  if (entries.empty() && faults.empty()) {
    faults.push_back({what, Json::array(), "1 to 100 entries", std::string(what) + " is empty"});
  }
}

// One job a cell; a cell that was drawn before is taken from the gallery.
Plan plan_sheet(App& app, const HttpRequest& request) {
  const Json body = parse_object(request.body);
  Fields fields(body, {});
  std::vector<Fault> faults;
  const auto subjects = parse_entries(fields.raw("subjects"), "subjects", kMostEntries, faults);
  const auto styles = parse_entries(fields.raw("styles"), "styles", kMostEntries, faults);
  refuse_empty(subjects, "subjects", faults);
  refuse_empty(styles, "styles", faults);
  if (subjects.size() * styles.size() > kMostCells) {
    faults.push_back({"styles", styles.size(), "1000 cells in all", "more than 1000 cells"});
  }
  if (!faults.empty()) {
    std::string detail = faults.front().detail;
    throw ProblemError({.status = 422, .detail = std::move(detail), .faults = std::move(faults)});
  }
  const std::string join = fields.text("join", ", ", {.least = 0, .most = 100});
  DrawParsing parsing = app.parsing();
  parsing.needs_prompt = false;
  DrawJob draw = parse_draw(fields, parsing);
  for (const char* name : {"prompt", "count", "subject", "style", "variation"}) {
    if (fields.has(name)) fields.fault(name, "nothing", "has no meaning for a sheet");
  }
  fields.finish();

  Plan plan;
  plan.sheet = {new_ulid(), request.owner, "", now_ms()};
  Json reused = Json::object();
  int cell = 0;
  for (const auto& subject : subjects) {
    for (const auto& style : styles) {
      draw.prompt = subject.text + join + style.text;
      draw.subject = subject.name;
      draw.style = style.name;
      NewJob job = app.new_draw(request, draw);
      job.priority = kBehindOthers;
      job.sheet = plan.sheet.id;
      job.cell = cell;
      if (const auto drawn = app.jobs->find_done(job.hash)) {
        reused[std::to_string(cell)] = drawn->id;
      } else {
        plan.jobs.push_back(std::move(job));
      }
      ++cell;
    }
  }
  Json settings = to_json(draw);
  for (const char* name : {"prompt", "count", "subject", "style", "variation"})
    settings.erase(name);
  plan.sheet.request = Json({{"subjects", list_json(subjects)},
                             {"styles", list_json(styles)},
                             {"join", join},
                             {"settings", std::move(settings)},
                             {"reused", std::move(reused)}})
                           .dump();
  return plan;
}

SheetRecord need_sheet(App& app, const std::string& id) {
  auto sheet = is_ulid(id) ? SheetStore(*app.reading).find(id) : std::nullopt;
  if (!sheet) refuse(404, "there is no such sheet");
  return *std::move(sheet);
}

struct Cell {
  std::string job;
  JobState state = JobState::kCancelled;
  std::optional<PictureRecord> picture;
};

std::optional<PictureRecord> picture_of(App& app, const std::string& job) {
  for (PictureRecord& picture : app.pictures->of_job(job)) {
    if (!picture.deleted && !picture.missing) return std::move(picture);
  }
  return std::nullopt;
}

std::vector<Cell> cells_of(App& app, const SheetRecord& sheet, const Json& request) {
  std::vector<Cell> cells(request["subjects"].size() * request["styles"].size());
  for (const JobRecord& job : app.jobs->list({.states = {},
                              .sheet = sheet.id,
                              .before = {},
                              .limit = static_cast<int>(kMostCells)})) {
    const auto at = static_cast<std::size_t>(job.cell.value_or(0));
    if (at >= cells.size()) continue;
    cells[at] = {job.id, job.state,
                 job.state == JobState::kDone ? picture_of(app, job.id) : std::nullopt};
  }
  for (const auto& [cell, job] : request["reused"].items()) {
    const auto at = static_cast<std::size_t>(std::stoul(cell));
    if (at >= cells.size()) continue;
    cells[at] = {job.get<std::string>(), JobState::kDone, picture_of(app, job.get<std::string>())};
  }
  return cells;
}

enum class Detail { kSummary, kCells };

Json sheet_json(App& app, const SheetRecord& sheet, Detail detail) {
  const Json request = Json::parse(sheet.request);
  const std::vector<Cell> cells = cells_of(app, sheet, request);
  const std::size_t columns = request["styles"].size();
  int done = 0;
  int waiting = 0;
  Json list = Json::array();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Cell& cell = cells[i];
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
  if (const auto expected = app.times.expected(draw); expected && waiting > 0) {
    json["seconds_left"] = waiting * StepTimes::seconds(draw, expected->times);
  }
  if (detail == Detail::kCells) json["cells"] = std::move(list);
  return json;
}

void answer_sheet(App& app, const std::string& id, int status, const Respond& respond) {
  respond(json_response(sheet_json(app, need_sheet(app, id), Detail::kCells), status));
}

void submit_sheet(App& app, const HttpRequest& request, const Respond& respond) {
  const IdempotencyKey key = idempotency_key(request);
  const auto plan = std::make_shared<Plan>(plan_sheet(app, request));
  const auto id = std::make_shared<std::string>(plan->sheet.id);
  const QueueLimits limits{.total = 1000, .per_owner = is_limited(app, request) ? 100 : 0};
  app.write(
      [plan, key, id, limits, owner = request.owner](Database& db) {
        SqliteJobStore store(db);
        const Submission answered = store.answer_with(plan->sheet.id, owner, key);
        if (answered.outcome == Submission::Outcome::kOtherBody) {
          refuse_field({.field = "Idempotency-Key",
                        .value = nullptr,
                        .allowed = "a new key for a new request",
                        .detail = "this Idempotency-Key was used for another request"});
        }
        if (answered.outcome == Submission::Outcome::kReplayed) {
          *id = answered.answer;
          return;
        }
        SheetStore(db).add(plan->sheet);
        for (const NewJob& job : plan->jobs) {
          if (store.submit(job, {}, limits).outcome != Submission::Outcome::kAccepted) {
            refuse(429, "the queue has no room for this sheet");
          }
        }
      },
      [&app, id, respond] {
        answer_sheet(app, *id, 202, respond);
        app.queue_changed();
      },
      [&app, respond](const Problem& problem) {
        respond(response_of(problem.status == 429 ? app.queue_full(problem.detail) : problem));
      });
}

void cancel_sheet(App& app, const HttpRequest& request, const Respond& respond) {
  const std::string id = need_sheet(app, request.captures[0]).id;
  const auto cancelled = std::make_shared<std::vector<std::pair<std::string, JobState>>>();
  app.write(
      [id, cancelled](Database& db) {
        SqliteJobStore store(db);
        SheetStore sheets(db);
        for (const JobState state : {JobState::kQueued, JobState::kRunning}) {
          for (const std::string& job : sheets.jobs(id, name_of(state))) {
            store.cancel(job);
            cancelled->emplace_back(job, state);
          }
        }
      },
      [&app, id, cancelled, respond] {
        for (const auto& [job, before] : *cancelled) app.was_cancelled(job, before);
        answer_sheet(app, id, 202, respond);
      },
      fail_with(respond));
}

void resume_sheet(App& app, const HttpRequest& request, const Respond& respond) {
  const SheetRecord sheet = need_sheet(app, request.captures[0]);
  const int active = app.jobs->active("");
  app.write(
      [id = sheet.id, active](Database& db) {
        SqliteJobStore store(db);
        SheetStore sheets(db);
        int added = 0;
        for (const char* state : {"cancelled", "failed", "dead"}) {
          for (const std::string& job : sheets.jobs(id, state)) {
            if (active + ++added > 1000) refuse(429, "the queue has no room for this sheet");
            store.requeue(job);
          }
        }
      },
      [&app, id = sheet.id, respond] {
        answer_sheet(app, id, 202, respond);
        app.queue_changed();
      },
      [&app, respond](const Problem& problem) {
        respond(response_of(problem.status == 429 ? app.queue_full(problem.detail) : problem));
      });
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

void sheet_image(App& app, const RequestPtr& request, const Respond& respond) {
  const SheetRecord sheet = need_sheet(app, request->captures[0]);
  const Json query = query_object(*request);
  Fields fields(query, {.refuse_unknown = true, .from_text = true});
  LabelledSheet table;
  table.cell = static_cast<int>(fields.integer("cell", 256, 32, 512));
  fields.ignore("download");
  const Json wanted = Json::parse(sheet.request);
  const std::vector<Cell> cells = cells_of(app, sheet, wanted);
  const std::int64_t each = std::int64_t{table.cell} * table.cell;
  if (each * static_cast<std::int64_t>(cells.size()) > kMostPixels) {
    fields.fault("cell", "a smaller one for so many cells", "makes a sheet of over 64 megapixels");
  }
  fields.finish();
  for (const Json& subject : wanted["subjects"]) table.rows.push_back(subject["name"].text());
  for (const Json& style : wanted["styles"]) table.columns.push_back(style["name"].text());
  std::vector<std::string> ids;
  for (const Cell& cell : cells) ids.push_back(cell.picture ? cell.picture->id : "");
  const std::string* download = request->parameter("download");
  const bool attached = download != nullptr && *download == "1";
  app.helper->post([&app, table, ids, attached, id = sheet.id, respond] {
    HttpResponse response{.type = "image/png"};
    try {
      std::vector<Image> pictures;
      for (const std::string& cell : ids) {
        pictures.push_back(cell.empty() ? Image() : read_cell(app.files, cell, table.cell));
      }
      const auto png = encode_picture(labelled_sheet(table, pictures), ImageFormat::kPng);
      response.body.assign(png.begin(), png.end());
      if (attached) {
        response.headers.emplace_back("Content-Disposition",
                                      "attachment; filename=\"easel-sheet-" + id + ".png\"");
      }
    } catch (const std::exception& error) {
      response = response_of(problem_of(error));
    }
    app.loop.post([respond, response = std::move(response)] { respond(response); });
  });
}

void remove_sheet(App& app, const HttpRequest& request, const Respond& respond) {
  const std::string id = need_sheet(app, request.captures[0]).id;
  app.write([id](Database& db) { SheetStore(db).remove(id); },
            [respond] { respond({.status = 204}); }, fail_with(respond));
}

}  // namespace

void add_sheet_routes(App& app) {
  const std::string base = "/api/v1/sheets";
  using Action = void (*)(App&, const HttpRequest&, const Respond&);
  const auto add = [&](const char* method, const std::string& path, Action action,
                       BodyKind body = BodyKind::kNone, bool submits = false) {
    app.router.add(
        {.method = method,
         .pattern = base + path,
         .handler = [&app, action](const RequestPtr& request,
                                   const Respond& respond) { action(app, *request, respond); },
         .body = body,
         .submits = submits});
  };
  add("POST", "", submit_sheet, BodyKind::kJson, true);
  add("GET", "", [](App& a, const HttpRequest&, const Respond& respond) {
    Json items = Json::array();
    for (const SheetRecord& sheet : SheetStore(*a.reading).newest(50)) {
      items.push_back(sheet_json(a, sheet, Detail::kSummary));
    }
    respond(json_response({{"items", std::move(items)}}));
  });
  add("GET", "/{id}", [](App& a, const HttpRequest& request, const Respond& respond) {
    answer_sheet(a, request.captures[0], 200, respond);
  });
  add("DELETE", "/{id}", remove_sheet);
  add("POST", "/{id}/cancel", cancel_sheet);
  add("POST", "/{id}/resume", resume_sheet, BodyKind::kNone, true);
  app.router.add({.method = "GET",
                  .pattern = base + "/{id}/image.png",
                  .handler = [&app](const RequestPtr& request, const Respond& respond) {
                    sheet_image(app, request, respond);
                  }});
}

}  // namespace easel::server
