#include "server/app/views.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "atelier/draw_job.h"
#include "recipe/forms.h"

namespace easel::server {
namespace {

Json time_or_null(const std::optional<std::int64_t>& ms) {
  return ms ? Json(time_text(*ms)) : Json(nullptr);
}

Json parsed(const std::string& text) {
  if (text.empty()) return nullptr;
  return Json::try_parse(text).value_or(nullptr);
}

}  // namespace

std::string time_text(std::int64_t ms) {
  const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), ms % 1000);
}

Json to_json(const PictureRecord& p) {
  const std::string base = "/api/v1/pictures/" + p.id;
  Json json = {{"id", p.id}, {"job", p.job ? Json(*p.job) : Json(nullptr)}, {"index", p.index}};
  json.update(to_json(DrawJob{.recipe = p.recipe}));
  json.erase("count");
  double factor = p.recipe.enlarging.factor.value_or(1);
  for (const Enlarging& again : p.recipe.enlarged_again) factor *= again.factor.value_or(1);
  json["upscale"] = factor;
  json.update({{"created", time_text(p.created)},
               {"width", p.width},
               {"height", p.height},
               {"bytes", p.bytes},
               {"native_width", p.recipe.size.width},
               {"native_height", p.recipe.size.height},
               {"parent", p.parent ? Json(*p.parent) : Json(nullptr)},
               {"favourite", p.favourite},
               {"rating", p.rating},
               {"tags", p.tags},
               {"listed", p.listed},
               {"deleted", time_or_null(p.deleted)},
               {"missing", p.missing},
               {"image", base + "/image.png"},
               {"thumbnail", base + "/thumbnail.webp"},
               {"command", command_of(p.recipe, "easel")}});
  return json;
}

Json to_json(const JobRecord& job, const JobView& view) {
  Json pictures = Json::array();
  for (const PictureRecord& picture : view.pictures) pictures.push_back(to_json(picture));
  Json notes = parsed(job.notes);
  return {{"id", job.id},
          {"kind", job.kind},
          {"owner", job.owner},
          {"relaxed", job.priority <= kRelaxed},
          {"state", std::string(name_of(job.state))},
          {"request", parsed(job.request)},
          {"position", view.position ? Json(*view.position) : Json(nullptr)},
          {"progress", view.progress},
          {"pictures", std::move(pictures)},
          {"from_gallery", view.from_gallery},
          {"attempt", job.attempt},
          {"created", time_text(job.created)},
          {"started", time_or_null(job.started)},
          {"finished", time_or_null(job.finished)},
          {"error", parsed(job.error)},
          {"notes", notes.is_array() ? notes : Json::array()},
          {"sheet", job.sheet ? Json(*job.sheet) : Json(nullptr)},
          {"events", "/api/v1/jobs/" + job.id + "/events"}};
}

Json to_json(const Progress& p) {
  Json json = {
      {"step", p.step},         {"steps", p.steps},       {"first_picture", p.first_picture},
      {"pictures", p.pictures}, {"count", p.count},       {"pictures_done", p.pictures_done},
      {"seconds", p.seconds},   {"seconds_left", nullptr}};
  if (p.seconds_left) json["seconds_left"] = *p.seconds_left;
  return json;
}

}  // namespace easel::server
