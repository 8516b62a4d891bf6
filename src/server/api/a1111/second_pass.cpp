#include "server/api/a1111/second_pass.h"

#include <algorithm>
#include <cmath>

#include "pipeline/editing/latent_resize.h"
#include "recipe/fields.h"

namespace easel::server {
namespace {

constexpr double kTheirSecondStrength = 0.75;

struct RowName {
  const Field& row;
  const char* name;
};
const RowName kSecondPassNames[] = {{fields::kHires, "hr_scale"},
                                    {fields::kHiresStrength, "denoising_strength"},
                                    {fields::kHiresSteps, "hr_second_pass_steps"},
                                    {fields::kHiresUpscaler, "hr_upscaler"}};

// As the request will be drawn: its sides, else the model's own.
Image::Size drawn_size(const Json& own, const App& app) {
  const Models::Model* model = app.drawing.models.find(own.value("model", ""));
  if (model == nullptr || !model->probe) return {};
  const ModelInfo& info = model->probe->info();
  Fields sides(own, {.refuse_unknown = false, .from_text = true});
  const auto side = [&](const char* name, int native) {
    return static_cast<int>(sides.integer(name, native, 1, kMaxResultSide));
  };
  return {.width = side("width", info.native_width), .height = side("height", info.native_height)};
}

// One side alone keeps the proportions; none: the factor says it.
Image::Size second_pass_size(Fields& fields, Image::Size drawn) {
  const double factor = fields.number("hr_scale", 2, 1, kMaxUpscale);
  const auto width = static_cast<int>(fields.integer("hr_resize_x", 0, 0, kMaxResultSide));
  const auto height = static_cast<int>(fields.integer("hr_resize_y", 0, 0, kMaxResultSide));
  const auto side = [&](int wanted, int other, int from, int from_other) {
    if (wanted > 0) return wanted;
    const double by = other > 0 ? static_cast<double>(other) / from_other : factor;
    return static_cast<int>(std::lround(from * by));
  };
  return {.width = side(width, height, drawn.width, drawn.height),
          .height = side(height, width, drawn.height, drawn.width)};
}

std::string second_upscaler(Fields& fields, const App& app, std::vector<std::string>& notes) {
  const std::string name = fields.text("hr_upscaler", "", {.least = 0, .most = 100});
  if (name.empty() || find_latent_enlarger(name) != nullptr) return name;
  if (name == "Lanczos" || name == "None") return std::string(kLanczosName);
  if (find_enlarger(app.drawing.engine.enlargers, name) != nullptr) return name;
  notes.push_back("hr_upscaler: " + shown(name) + " is not here, Latent is taken");
  return "";
}

}  // namespace

std::optional<Image::Size> read_second_pass(Fields& fields, const App& app, Json& own,
                                            std::vector<std::string>& notes) {
  if (!fields.flag("enable_hr", false)) return std::nullopt;
  const Image::Size drawn = drawn_size(own, app);
  if (drawn.width == 0) return std::nullopt;  // the model's fault is told
  const Image::Size wanted = second_pass_size(fields, drawn);
  own["hires"] = std::max(static_cast<double>(wanted.width) / drawn.width,
                          static_cast<double>(wanted.height) / drawn.height);
  own["hires_strength"] = fields.number("denoising_strength", kTheirSecondStrength, 0, 1);
  const auto steps = fields.integer("hr_second_pass_steps", 0, 0, kMaxSteps);
  if (steps > 0) own["hires_steps"] = steps;
  own["hires_upscaler"] = second_upscaler(fields, app, notes);
  return wanted;
}

std::string second_pass_name(std::string_view row) {
  for (const RowName& one : kSecondPassNames) {
    if (one.row.json == row) return one.name;
  }
  return "";
}

}  // namespace easel::server
