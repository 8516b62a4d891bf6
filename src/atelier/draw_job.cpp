#include "atelier/draw_job.h"

#include <unistd.h>

#include <algorithm>
#include <random>
#include <utility>

#include "core/error.h"
#include "core/sha256.h"
#include "diffusion/samplers.h"

namespace easel {
namespace {

std::uint64_t random_seed() {
  std::random_device device;
  return device();
}

std::string names_of_models(const Models& models) {
  std::string names;
  for (const Models::Model& model : models.all()) {
    names += (names.empty() ? "" : ", ") + model.entry.name;
  }
  return names;
}

const Models::Model& read_model(Fields& fields, const Models& models, DrawJob& job) {
  const std::string name = fields.text("model", "", {.least = 0, .most = 200});
  const Models::Model* model = models.find(name);
  if (model == nullptr) {
    fields.fault("model", names_of_models(models),
                 "is " + shown(name) + ", which is not installed");
    model = &models.default_model();
  } else if (!model->probe) {
    fields.fault("model", names_of_models(models), "cannot be used: " + model->error);
    model = &models.default_model();
  }
  job.model = model->entry.name;
  return *model;
}

void read_sampler(Fields& fields, const ModelInfo& info, DrawJob& job) {
  const std::string name = fields.text("sampler", "", {.least = 0, .most = 100});
  std::string allowed;
  for (const Sampler& sampler : samplers()) {
    allowed += (allowed.empty() ? "" : ", ") + std::string(sampler.id);
  }
  const Sampler* sampler = &find_sampler(info.defaults.sampler);
  try {
    if (!name.empty()) sampler = &find_sampler(name);
  } catch (const Error& error) {
    fields.fault("sampler", allowed, "is " + shown(name) + ": " + error.what());
  }
  job.sampler = sampler->id;
  job.eta = fields.number("eta", sampler->default_eta, 0, 1);
  if (!sampler->takes_eta && job.eta != sampler->default_eta) {
    fields.fault("eta", "0",
                 "is " + shown(job.eta) + ", but the sampler " + job.sampler + " takes none");
  }
}

int read_side(Fields& fields, const char* name, int native, const ModelInfo& info) {
  const int most = std::min(kMaxSide, info.max_side > 0 ? info.max_side : kMaxSide);
  const int multiple = std::max(info.size_multiple, 1);
  const auto side = static_cast<int>(fields.integer(name, native, multiple, most));
  if (side % multiple != 0) {
    fields.fault(name,
                 "multiples of " + std::to_string(multiple) + " up to " + std::to_string(most),
                 "is " + std::to_string(side) + ", not a multiple of " + std::to_string(multiple));
  }
  return side;
}

void read_variation(Fields& fields, DrawJob& job) {
  const Json& value = fields.raw("variation");
  if (value.is_null()) return;
  if (!value.is_object()) {
    fields.fault("variation", "an object of seed and strength", "is no object");
    return;
  }
  Fields inner(value, {}, "variation.");
  Variation variation;
  variation.seed = inner.seed("seed").value_or(0);
  variation.strength = inner.number("strength", 0, 0, 1);
  if (!inner.has("seed")) inner.fault("seed", "0 to 2^64 - 1", "is missing");
  if (!inner.has("strength")) inner.fault("strength", "0 to 1", "is missing");
  fields.take_faults(inner);
  job.variation = variation;
}

void read_upscale(Fields& fields, const std::vector<Enlarger>& enlargers, DrawJob& job) {
  job.upscale = static_cast<int>(fields.integer("upscale", 1, 1, kMaxUpscale));
  const std::string name = fields.text("upscaler", "", {.least = 0, .most = 100});
  const Enlarger* chosen = find_enlarger(enlargers, name);
  if (chosen == nullptr) {
    fields.fault("upscaler", names_of(enlargers), "is " + shown(name) + ", which there is not");
  } else if (job.upscale > 1) {
    job.upscaler = chosen->name;
  }
  const int longest = std::max(job.width, job.height);
  if (longest * job.upscale > kMaxResultSide) {
    fields.fault("upscale", "1 to " + std::to_string(kMaxResultSide / longest),
                 "makes pictures larger than " + std::to_string(kMaxResultSide) + " pixels a side");
  }
}

void check_work(Fields& fields, const DrawJob& job) {
  const std::int64_t a_step = std::int64_t{job.width} * job.height * job.count;
  if (a_step * job.steps <= kMaxWork) return;
  const std::int64_t most = std::max<std::int64_t>(kMaxWork / a_step, 1);
  fields.fault("steps", "1 to " + std::to_string(most) + " at this size and count",
               "is " + std::to_string(job.steps) + ": width * height * steps * count is above " +
                   std::to_string(kMaxWork));
}

}  // namespace

DrawJob parse_draw(Fields& fields, const DrawParsing& parsing) {
  DrawJob job;
  const std::size_t least = parsing.needs_prompt ? 1 : 0;
  job.prompt = fields.text("prompt", "", {.least = least, .most = kMaxPromptBytes});
  job.negative = fields.text("negative", "", {.least = 0, .most = kMaxPromptBytes});
  const ModelInfo& info = read_model(fields, parsing.models, job).probe->info;
  const int most_steps = std::clamp(info.schedule_steps, 1, kMaxSteps);
  job.steps = static_cast<int>(
      fields.integer("steps", std::min(info.defaults.steps, most_steps), 1, most_steps));
  read_sampler(fields, info, job);
  job.scale = fields.number("scale", info.defaults.scale, 0, kMaxGuidance);
  job.seed = fields.seed("seed").value_or(fields.has("seed") ? 0 : random_seed());
  job.width = read_side(fields, "width", info.native_width, info);
  job.height = read_side(fields, "height", info.native_height, info);
  job.count = static_cast<int>(fields.integer("count", 1, 1, kMaxCount));
  read_variation(fields, job);
  read_upscale(fields, parsing.enlargers, job);
  job.subject = fields.text("subject", "", {.least = 0, .most = 200});
  job.style = fields.text("style", "", {.least = 0, .most = 200});
  check_work(fields, job);
  return job;
}

void check_with_model(const DrawJob& job, const Models& models) {
  const Models::Model* model = models.find(job.model);
  if (model == nullptr || !model->probe) {
    fail(ErrorCode::kNotFound, "model '{}' is not installed", job.model);
  }
  const DrawRequest request = model->probe->checked(draw_request(job, 0, job.count));
  const std::int64_t needed = model->probe->memory_needed(request);
  const std::int64_t there =
      static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGE_SIZE);
  if (needed > there) {
    fail(ErrorCode::kNoMemory,
         "drawing this takes {} MB of memory, this computer has {} MB: fewer or smaller pictures "
         "take less",
         needed / 1'000'000, there / 1'000'000);
  }
}

Json to_json(const DrawJob& job) {
  Json json = {{"prompt", job.prompt},        {"negative", job.negative}, {"steps", job.steps},
               {"sampler", job.sampler},      {"scale", job.scale},       {"eta", job.eta},
               {"seed", seed_json(job.seed)}, {"width", job.width},       {"height", job.height},
               {"count", job.count},          {"model", job.model},       {"variation", nullptr},
               {"upscale", job.upscale},      {"upscaler", job.upscaler}, {"subject", job.subject},
               {"style", job.style}};
  if (job.variation) {
    json["variation"] = {{"seed", seed_json(job.variation->seed)},
                         {"strength", job.variation->strength}};
  }
  if (job.final_width > 0) {
    json["final_width"] = job.final_width;
    json["final_height"] = job.final_height;
  }
  return json;
}

DrawJob draw_job_from_json(const Json& json) {
  DrawJob job;
  job.prompt = json.value("prompt", "");
  job.negative = json.value("negative", "");
  job.steps = json.value("steps", job.steps);
  job.sampler = json.value("sampler", "");
  job.scale = json.value("scale", job.scale);
  job.eta = json.value("eta", job.eta);
  job.seed = seed_of(json.value("seed", Json(0))).value_or(0);
  job.width = json.value("width", 0);
  job.height = json.value("height", 0);
  job.count = json.value("count", 1);
  job.model = json.value("model", "");
  if (const Json* found = json.find("variation"); found != nullptr && found->is_object()) {
    job.variation = Variation{seed_of(found->value("seed", Json(0))).value_or(0),
                              found->value("strength", 0.0)};
  }
  job.upscale = json.value("upscale", 1);
  job.upscaler = json.value("upscaler", "");
  job.final_width = json.value("final_width", 0);
  job.final_height = json.value("final_height", 0);
  job.subject = json.value("subject", "");
  job.style = json.value("style", "");
  return job;
}

std::string hash_of(const DrawJob& job, const std::string& model_fingerprint) {
  Json json = to_json(job);
  json.erase("subject");
  json.erase("style");
  json["fingerprint"] = model_fingerprint;
  return sha256_hex(json.sorted().dump());
}

DrawRequest draw_request(const DrawJob& job, int first, int count) {
  DrawRequest request;
  request.prompt = job.prompt;
  request.negative = job.negative;
  request.steps = job.steps;
  request.sampler = job.sampler;
  request.scale = job.scale;
  request.eta = job.eta;
  request.width = job.width;
  request.height = job.height;
  request.count = count;
  const auto offset = static_cast<std::uint64_t>(first);
  if (job.variation) {
    // Neighbours share the seed; it is the other seed that counts up.
    request.seed = job.seed;
    request.variation = Variation{job.variation->seed + offset, job.variation->strength};
  } else {
    request.seed = job.seed + offset;
  }
  return request;
}

PictureRecord record_of(const DrawJob& job, int index) {
  PictureRecord record;
  const auto offset = static_cast<std::uint64_t>(index);
  record.index = index;
  record.native_width = job.width;
  record.native_height = job.height;
  record.prompt = job.prompt;
  record.negative = job.negative;
  record.model = job.model;
  record.sampler = job.sampler;
  record.steps = job.steps;
  record.scale = job.scale;
  record.eta = job.eta;
  record.seed = job.variation ? job.seed : job.seed + offset;
  if (job.variation) {
    record.variation_seed = job.variation->seed + offset;
    record.variation_strength = job.variation->strength;
  }
  record.upscale = job.upscale;
  record.upscaler = job.upscaler;
  record.subject = job.subject;
  record.style = job.style;
  return record;
}

Settings settings_of(const PictureRecord& record) {
  Settings settings;
  settings.prompt = record.prompt;
  settings.negative = record.negative;
  settings.steps = record.steps;
  settings.sampler = record.sampler;
  settings.scale = record.scale;
  settings.eta = record.eta;
  settings.seed = record.seed;
  settings.width = record.native_width;
  settings.height = record.native_height;
  settings.model = record.model;
  settings.model_sha256 = record.model_sha256;
  settings.version = EASEL_VERSION;
  if (record.variation_seed) {
    settings.extra.emplace_back("Variation seed", std::to_string(*record.variation_seed));
    settings.extra.emplace_back("Variation strength", Json(record.variation_strength).dump());
  }
  if (record.upscale > 1) {
    settings.extra.emplace_back("Upscale", std::to_string(record.upscale));
    settings.extra.emplace_back("Upscaler", record.upscaler);
  }
  if (!record.subject.empty()) settings.extra.emplace_back("Subject", record.subject);
  if (!record.style.empty()) settings.extra.emplace_back("Style", record.style);
  return settings;
}

}  // namespace easel
