#include "server/app/views.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>
#include <ctime>

#include "http/fields.h"

namespace easel::server {
namespace {

Json time_or_null(const std::optional<std::int64_t>& ms) {
  return ms ? Json(time_text(*ms)) : Json(nullptr);
}

// A word for a POSIX shell.
std::string quoted(const std::string& word) {
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string shortest(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
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

std::string command_of(const PictureRecord& p) {
  std::string command = "easel draw " + quoted(p.prompt);
  if (!p.negative.empty()) command += " --negative " + quoted(p.negative);
  command +=
      fmt::format(" --steps {} --sampler {} --scale {}", p.steps, p.sampler, shortest(p.scale));
  if (p.eta != 0) command += " --eta " + shortest(p.eta);
  command +=
      fmt::format(" --seed {} --width {} --height {}", p.seed, p.native_width, p.native_height);
  if (p.variation_seed) {
    command += fmt::format(" --variation {}:{}", *p.variation_seed, shortest(p.variation_strength));
  }
  command += " --model " + quoted(p.model);
  if (p.upscale > 1) command += fmt::format(" --upscale {}", p.upscale);
  return command;
}

Json to_json(const PictureRecord& p) {
  const std::string base = "/api/v1/pictures/" + p.id;
  Json json = {{"id", p.id},
               {"job", p.job ? Json(*p.job) : Json(nullptr)},
               {"index", p.index},
               {"created", time_text(p.created)},
               {"width", p.width},
               {"height", p.height},
               {"bytes", p.bytes},
               {"native_width", p.native_width},
               {"native_height", p.native_height},
               {"prompt", p.prompt},
               {"negative", p.negative},
               {"model", p.model},
               {"model_sha256", p.model_sha256},
               {"sampler", p.sampler},
               {"steps", p.steps},
               {"scale", p.scale},
               {"eta", p.eta},
               {"seed", seed_json(p.seed)},
               {"variation", nullptr},
               {"upscale", p.upscale},
               {"upscaler", p.upscaler},
               {"parent", p.parent ? Json(*p.parent) : Json(nullptr)},
               {"subject", p.subject},
               {"style", p.style},
               {"favourite", p.favourite},
               {"deleted", time_or_null(p.deleted)},
               {"missing", p.missing},
               {"image", base + "/image.png"},
               {"thumbnail", base + "/thumbnail.webp"},
               {"command", command_of(p)}};
  if (p.variation_seed) {
    json["variation"] = {{"seed", seed_json(*p.variation_seed)},
                         {"strength", p.variation_strength}};
  }
  return json;
}

Json to_json(const JobRecord& job, const JobView& view) {
  Json pictures = Json::array();
  for (const PictureRecord& picture : view.pictures) pictures.push_back(to_json(picture));
  Json notes = parsed(job.notes);
  return {{"id", job.id},
          {"kind", job.kind},
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

}  // namespace easel::server
