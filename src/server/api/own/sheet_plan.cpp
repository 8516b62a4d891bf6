#include "server/api/own/sheet_plan.h"

#include <string>
#include <utility>

#include "store/ulid.h"

namespace easel::server {
namespace {

constexpr std::size_t kMostEntries = 100;
constexpr int kBehindOthers = -1;

Json list_json(const std::vector<Catalogue::Entry>& entries) {
  Json list = Json::array();
  for (const auto& entry : entries) list.push_back({{"name", entry.name}, {"text", entry.text}});
  return list;
}

void refuse_empty(const std::vector<Catalogue::Entry>& entries, const char* what,
                  std::vector<Fault>& faults) {
  if (entries.empty() && faults.empty()) {
    faults.push_back({what, Json::array(), "1 to 100 entries", std::string(what) + " is empty"});
  }
}

// What a sheet has in place of these.
constexpr const char* kNotForSheets[] = {"prompt", "count", "subject", "style", "variation"};

struct AskedSheet {
  std::vector<Catalogue::Entry> subjects;
  std::vector<Catalogue::Entry> styles;
  std::string join;
  DrawJob draw;
};

AskedSheet read_sheet(App& app, const HttpRequest& request) {
  const Json body = parse_object(request.body);
  Fields fields(body, {});
  std::vector<Fault> faults;
  AskedSheet asked;
  asked.subjects = parse_entries(fields.raw("subjects"), "subjects", kMostEntries, faults);
  asked.styles = parse_entries(fields.raw("styles"), "styles", kMostEntries, faults);
  refuse_empty(asked.subjects, "subjects", faults);
  refuse_empty(asked.styles, "styles", faults);
  if (asked.subjects.size() * asked.styles.size() > kMostSheetCells) {
    faults.push_back({"styles", asked.styles.size(), "1000 cells in all", "more than 1000 cells"});
  }
  if (!faults.empty()) throw FaultsError(std::move(faults));
  asked.join = fields.text("join", ", ", {.least = 0, .most = 100});
  DrawParsing parsing = app.parsing();
  parsing.needs_prompt = false;
  asked.draw = parse_draw(fields, parsing);
  for (const char* name : kNotForSheets) {
    if (fields.has(name)) fields.fault(name, "nothing", "has no meaning for a sheet");
  }
  if (asked.draw.recipe.templates.by_seed) {
    fields.fault("wildcards", "false", "is true, and a sheet has the same words in all pictures");
  }
  fields.finish();
  return asked;
}

// One job a cell.
std::vector<NewJob> jobs_of(App& app, const HttpRequest& request, AskedSheet asked,
                            const std::string& sheet) {
  std::vector<NewJob> jobs;
  for (const auto& subject : asked.subjects) {
    for (const auto& style : asked.styles) {
      asked.draw.recipe.prompt = subject.text + asked.join + style.text;
      asked.draw.recipe.labels = {.subject = subject.name, .style = style.name};
      NewJob job = app.new_draw(request, asked.draw);
      job.priority = kBehindOthers;
      job.reuse = true;
      job.sheet = sheet;
      job.cell = static_cast<int>(jobs.size());
      jobs.push_back(std::move(job));
    }
  }
  return jobs;
}

}  // namespace

SheetPlan plan_sheet(App& app, const HttpRequest& request) {
  const AskedSheet asked = read_sheet(app, request);
  SheetPlan plan;
  plan.sheet = {new_ulid(), request.owner, "", now_ms()};
  plan.jobs = jobs_of(app, request, asked, plan.sheet.id);
  Json settings = to_json(asked.draw);
  for (const char* name : kNotForSheets) settings.erase(name);
  plan.request = {{"subjects", list_json(asked.subjects)},
                  {"styles", list_json(asked.styles)},
                  {"join", asked.join},
                  {"settings", std::move(settings)}};
  return plan;
}

void reuse_drawn(const Transaction& all, SheetPlan& plan) {
  Json reused = Json::object();
  std::erase_if(plan.jobs, [&](const NewJob& job) {
    const auto drawn = all.jobs().find_done(job.hash);
    if (drawn) reused[std::to_string(*job.cell)] = drawn->id;
    return drawn.has_value();
  });
  plan.request["reused"] = std::move(reused);
  plan.sheet.request = plan.request.dump();
}

}  // namespace easel::server
