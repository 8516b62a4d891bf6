#pragma once

#include <optional>
#include <string>

#include "atelier/models.h"
#include "http/fields.h"
#include "image/settings.h"
#include "pipeline/text_to_image.h"
#include "store/picture.h"

namespace easel {

/// Limits of one request.
constexpr int kMaxCount = 16;
constexpr int kMaxSteps = 1000;
constexpr int kMaxSide = 2048;
constexpr int kMaxUpscale = 8;
constexpr int kMaxResultSide = 8192;
constexpr std::size_t kMaxPromptBytes = 8192;
constexpr double kMaxGuidance = kMaxGuidanceScale;
/// width * height * steps * count: sixteen pictures of 512 x 512 in 250 steps.
constexpr std::int64_t kMaxWork = std::int64_t{1} << 30;

/// A checked request to draw, complete. Stored as JSON in the job.
struct DrawJob {
  std::string prompt;
  std::string negative;
  int steps = 25;
  std::string sampler;  ///< id
  double scale = 7.5;
  double eta = 0;
  std::uint64_t seed = 0;
  int width = 0;
  int height = 0;
  int count = 1;
  std::string model;
  std::optional<Variation> variation;
  int upscale = 1;
  std::string upscaler;  ///< where upscale is above 1
  /// Exact size of the result, where a client of another API asked for one; 0: as drawn and
  /// enlarged.
  int final_width = 0;
  int final_height = 0;
  std::string subject;
  std::string style;
};

/// What GET and POST of the own API send. Faults go to `fields`; the result is complete either way.
/// Looks at the models for sizes and steps; a missing seed becomes a random one below 2^32.
struct DrawParsing {
  const Models& models;
  const std::vector<Enlarger>& enlargers;
  bool needs_prompt = true;
};
DrawJob parse_draw(Fields& fields, const DrawParsing& parsing);

/// What the model itself has to say: combinations, memory. REQUIRES: parse_draw found no fault.
void check_with_model(const DrawJob& job, const Models& models);

/// As the API shows it, and as it is stored.
Json to_json(const DrawJob& job);
/// Of what to_json wrote, an older Easel's too.
DrawJob draw_job_from_json(const Json& json);

/// Equal for jobs that give the same pictures.
std::string hash_of(const DrawJob& job, const std::string& model_fingerprint);

/// For pictures `first` to `first + count - 1` of it.
DrawRequest draw_request(const DrawJob& job, int first, int count);

/// What the gallery keeps of one of its pictures, as far as the job says it.
PictureRecord record_of(const DrawJob& job, int index);

/// The settings that a picture's file carries.
Settings settings_of(const PictureRecord& record);

}  // namespace easel
