#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "atelier/models.h"
#include "core/json_fields.h"
#include "recipe/recipe.h"
#include "store/given_files.h"

namespace easel {

/// Limits of one request. What has a bound of its own has it in recipe/fields.h.
constexpr int kMaxCount = 16;
constexpr int kMaxSteps = 1000;
constexpr int kMaxSide = 2048;
constexpr int kMaxUpscale = 8;
constexpr int kMaxResultSide = 8192;
constexpr std::size_t kMaxPromptBytes = 8192;
/// width * height * steps * count: sixteen pictures of 512 x 512 in 250 steps.
constexpr std::int64_t kMaxWork = std::int64_t{1} << 30;

/// A checked request to draw. Stored as JSON in the job.
struct DrawJob {
  Recipe recipe;  ///< complete, and of the first picture
  int count = 1;
};

/// What GET and POST of the own API send. Faults go to `fields`; the result is complete either way.
/// Looks at the models for sizes and steps; a missing seed becomes a random one below 2^32.
struct DrawParsing {
  const Models& models;
  const std::vector<Enlarger>& enlargers;
  bool needs_prompt = true;
  const GivenFiles* given = nullptr;     ///< where pictures to begin at are; null: there are none
  std::filesystem::path wildcards = {};  ///< the folder of lists for prompts that are templates
};
DrawJob parse_draw(Fields& fields, const DrawParsing& parsing);

/// What the model itself has to say: combinations, memory. REQUIRES: parse_draw found no fault.
void check_with_model(const DrawJob& job, const Models& models);

/// As the API shows it, and as it is stored.
Json to_json(const DrawJob& job);
/// Of what to_json wrote, an older Easel's too.
DrawJob draw_job_from_json(const Json& json);

/// Equal for jobs that give the same pictures.
std::string hash_of(const DrawJob& job, std::string_view model_fingerprint);
/// Of each of its pictures: equal for equal pictures, whatever job they are of.
std::vector<std::string> hashes_of(const DrawJob& job, std::string_view model_fingerprint);

/// Noise a step as it will be: the sampler's own where the recipe does not ask for another.
double eta_of(const Recipe& recipe);

}  // namespace easel
