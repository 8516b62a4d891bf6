// What the fixtures' metadata says of their runs.

#include <fmt/format.h>

#include "image/codec.h"
#include "sd_runs.h"

namespace easel::parity {
namespace {

namespace fs = std::filesystem;

template <typename T>
T value_or(const Json& json, const char* key, T fallback) {
  return json.contains(key) && !json[key].is_null() ? json[key].get<T>() : fallback;
}

Image::Size size_of(const Json& json) {
  return {.width = value_or(json, "W", 0), .height = value_or(json, "H", 0)};
}

void read_compvis(const Json& json, SdRun& run) {
  run.dialect = Dialect::kCompVis;
  run.steps = value_or(json, "ddim_steps", value_or(json, "steps", 0));
  run.iterations = value_or(json, "n_iter", 1);
  run.samples = value_or(json, "n_samples", 1);
  run.sampler = value_or(json, "plms", false)                                ? "plms"
                : value_or(json, "dpm_solver", value_or(json, "dpm", false)) ? "dpm"
                                                                             : "ddim";
  if (json.contains("ddim_eta")) run.eta = json["ddim_eta"].get<double>();
  run.fixed_start = value_or(json, "fixed_code", false);
  run.as_eps = run.name == "as_eps";
  if (!json.contains("init-img")) return;
  run.given = {.picture = json["init-img"].get<std::string>(),
               .strength = json["strength"].get<double>()};
}

// The number behind `before` in a sentence.
std::optional<double> number_after(const std::string& text, const std::string& before) {
  const std::size_t at = text.find(before);
  if (at == std::string::npos) return std::nullopt;
  return std::stod(text.substr(at + before.size()));
}

// "torch.manual_seed(77); x0 = …; DDIMSampler.sample(S=10, mask=keep, x0=x0, scale 5, eta 0)": what
// was called, where no script of theirs was.
void read_sentence(const std::string& what, SdRun& run) {
  run.dialect = Dialect::kCompVis;
  run.sampler = "ddim";
  run.seeds = {static_cast<std::uint64_t>(number_after(what, "manual_seed(").value_or(0))};
  const auto steps = number_after(what, "S=");
  run.steps = static_cast<int>(steps ? *steps : number_after(what, "DDIM ").value_or(0));
  run.scale = number_after(what, "scale ").value_or(1);
  run.eta = number_after(what, "eta ").value_or(0);
  run.given.picture = "inpaint-image.png";
  if (const auto seed = number_after(what, "RandomState(")) {
    run.given.numpy_seed = static_cast<std::uint32_t>(*seed);
    run.given.mask = "inpaint-mask.png";
  } else {
    run.given.keep = run.name + ".keep";
  }
}

void read_generative_models(const Json& json, SdRun& run) {
  run.dialect = Dialect::kGenerativeModels;
  run.steps = json["steps"].get<int>();
  run.sampler = json["sampler"].get<std::string>();
  run.zero_negative = value_or(json, "negative_is_zero", false);
}

void read_diffusers(const Json& json, SdRun& run) {
  run.dialect = Dialect::kDiffusers;
  run.steps = json["steps"].get<int>();
  run.samples = value_or(json, "n", 1);
  run.scheduler = json["scheduler"].get<std::string>();
  run.config = json["config"];
  run.scale = value_or(json, "guidance_scale", 1.0);
  // Schedules that end without signal were drawn with the rescale of their paper.
  const bool no_signal = value_or(run.config, "rescale_betas_zero_snr", false);
  run.rescale = value_or(json, "guidance_rescale", no_signal ? 0.7 : 0.0);
  if (run.name.starts_with("lcm_") && !run.name.starts_with("lcm_lora")) {
    run.guidance_tensor = "lcm.cond_proj.weight";
  }
}

SdRun case_of(const std::string& name, const Json& json) {
  SdRun run{.file = "expected.safetensors", .name = name};
  run.prompt = value_or<std::string>(json, "prompt", "");
  if (json.contains("negative_prompt") && !json["negative_prompt"].is_null()) {
    run.negative = json["negative_prompt"].get<std::string>();
  }
  run.size = size_of(json);
  run.scale = value_or(json, "scale", 1.0);
  run.seeds = {static_cast<std::uint64_t>(value_or<std::int64_t>(json, "seed", 0))};
  if (json.contains("script")) {
    read_compvis(json, run);
  } else if (json.contains("sampler")) {
    read_generative_models(json, run);
  } else if (json.contains("scheduler")) {
    read_diffusers(json, run);
  } else if (json.contains("what")) {
    read_sentence(json["what"].get<std::string>(), run);
  } else {
    run.unsupported = "its metadata do not say which program drew it";
  }
  return run;
}

// Python writes numbers that are no JSON.
std::string without_infinity(std::string text) {
  for (const std::string_view word : {"-Infinity", "Infinity", "NaN"}) {
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
      text.replace(at, word.size(), "null");
    }
  }
  return text;
}

// What the README of the fixtures says of AUTOMATIC1111's edits, and no metadata. (Which sampler
// the two passes had is told by their result; the second goes on with the first one's words.)
constexpr int kEditSteps = 10;
constexpr double kImg2imgStrength = 0.6, kInpaintStrength = 0.8, kHiresStrength = 0.7;
constexpr const char* kHiresSampler = "Euler";

// "img2img_Euler a" and the like: what is edited, and the name without it.
std::string read_a1111_edit(const std::string& name, SdRun& run) {
  if (name == "hires") {
    run.given = {.first = "hires.first", .strength = kHiresStrength};
    return kHiresSampler;
  }
  const bool inpaints = name.starts_with("inpaint_");
  if (!inpaints && !name.starts_with("img2img_")) return name;
  run.steps = kEditSteps;
  run.given = {.latents = "init", .strength = inpaints ? kInpaintStrength : kImg2imgStrength};
  if (inpaints) run.given.keep = "keep";
  return name.substr(8);
}

// "Euler_a,_ENSD_31337": the sampler, then what else was set.
void read_a1111_name(SdRun& run) {
  std::string name = read_a1111_edit(run.name, run);
  std::replace(name.begin(), name.end(), '_', ' ');
  const std::size_t comma = name.find(", ");
  run.sampler = name.substr(0, comma);
  if (run.sampler == "DPM adaptive") {
    run.unsupported = "its steps' lengths follow the last bits of the network's answers";
  }
  if (comma == std::string::npos) return;
  const std::string option = name.substr(comma + 2);
  const auto number = [&](std::size_t from) { return option.substr(from); };
  if (option == "quantized") {
    run.quantized = true;
  } else if (option == "discard penultimate") {
    run.discards = true;
  } else if (option == "SGM noise multiplier") {
    run.noise_multiplier = true;
  } else if (option.starts_with("ENSD ")) {
    run.seed_delta = std::stoull(number(5));
  } else if (option.starts_with("eta ")) {
    run.eta = std::stod(number(4));
  } else if (option.starts_with("clip skip ")) {
    run.clip_skip = std::stoi(number(10));
  } else {
    run.scheduler = option;
  }
}

void add_a1111(const SdFixture& fixture, std::vector<SdRun>& runs) {
  const fs::path file = fixture.folder / "a1111.safetensors";
  if (!fs::exists(file)) return;
  const Weights weights = open_weights(file);
  const auto& said = weights.details().metadata;
  for (const auto& [tensor, entry] : weights.entries()) {
    if (!tensor.ends_with(".latents")) continue;
    SdRun run{.file = file.filename(),
              .name = tensor.substr(0, tensor.size() - 8),
              .dialect = Dialect::kA1111};
    run.prompt = said.at("prompt");
    run.negative = said.at("negative_prompt");
    run.steps = std::stoi(said.at("steps"));
    run.scale = std::stod(said.at("cfg_scale"));
    run.seeds = Json::parse(said.at("seeds")).get<std::vector<std::uint64_t>>();
    run.samples = static_cast<int>(run.seeds.size());
    const Shape& shape = entry.source.shape;
    run.size = {.width = static_cast<int>(8 * shape[3]), .height = static_cast<int>(8 * shape[2])};
    read_a1111_name(run);
    if (run.name.ends_with("no_negative")) {
      run.negative = "";
      run.sampler = run.name.substr(0, run.name.find("_no_negative"));
    }
    runs.push_back(std::move(run));
  }
}

// What a case leaves to its picture (img2img.py cuts its sides to multiples of 32), and to the
// first of the prompts.
void complete(const SdFixture& fixture, SdRun& run) {
  if (run.given.picture.empty()) return;
  if (run.size == Image::Size{}) {
    run.size = read_picture(fixture.folder / run.given.picture).image.size();
    run.size.width -= run.size.width % 32;
    run.size.height -= run.size.height % 32;
  }
  if (run.prompt.empty()) run.prompt = fixture.expected.texts("prompts").at(0);
}

}  // namespace

std::vector<SdRun> runs_of(const SdFixture& fixture) {
  std::vector<SdRun> runs;
  if (fixture.expected.has_text("cases")) {
    const Json cases = Json::parse(without_infinity(fixture.expected.text("cases")));
    for (const auto& [name, json] : cases.items()) {
      runs.push_back(case_of(name, json));
      complete(fixture, runs.back());
    }
  }
  add_a1111(fixture, runs);
  return runs;
}

}  // namespace easel::parity
