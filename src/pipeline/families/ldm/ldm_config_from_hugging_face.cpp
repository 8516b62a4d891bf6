#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "core/error.h"
#include "core/json.h"
#include "core/printable.h"
#include "pipeline/families/ldm/ldm_config.h"

namespace easel {
namespace {

constexpr std::uintmax_t kMostBytes = 1 << 20;

// What a value is, for a message.
std::string shown(const Json& value) {
  if (value.is_array()) return "a list";
  if (value.is_object()) return "an object";
  if (value.is_string()) return fmt::format("'{}'", printable(value.text()));
  return value.dump();
}

// The key of the outermost object whose value holds lists or objects in more levels than any of
// these files needs; nothing where there is none.
std::optional<std::string> key_of_deep_value(std::string_view json) {
  constexpr int kMostLevels = 64;
  int level = 0;
  std::string key, text;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '"') {
      const std::size_t begin = i + 1;
      for (++i; i < json.size() && json[i] != '"'; ++i) i += json[i] == '\\' ? 1 : 0;
      if (level == 1) text = json.substr(begin, std::min(i, json.size()) - begin);
    } else if (json[i] == '[' || json[i] == '{') {
      if (++level == 2) key = text;
      if (level > kMostLevels) return key;
    } else if (json[i] == ']' || json[i] == '}') {
      --level;
    }
  }
  return std::nullopt;
}

/// One of the folder's JSON files; an absent one is empty.
class JsonFile {
 public:
  explicit JsonFile(std::filesystem::path file) : file_(std::move(file)) {
    std::error_code error;
    if (!std::filesystem::exists(file_, error)) return;
    if (std::filesystem::file_size(file_, error) > kMostBytes) {
      fail(ErrorCode::kInvalidFile, "'{}' is larger than {} bytes", file_.string(), kMostBytes);
    }
    std::ifstream stream(file_, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (const auto key = key_of_deep_value(text)) {
      fail(ErrorCode::kInvalidFile, "'{}' in '{}' is nested too deeply", printable(*key),
           file_.string());
    }
    json_ = Json::try_parse(text).value_or(nullptr);
    if (!json_.is_object()) {
      fail(ErrorCode::kInvalidFile, "'{}' is not a JSON object", file_.string());
    }
  }

  bool has(const char* key) const { return json_.contains(key) && !json_[key].is_null(); }

  template <typename T>
  std::optional<T> get(const char* key) const {
    if (!has(key)) return std::nullopt;
    try {
      return json_[key].get<T>();
    } catch (const Error&) {
      fail(ErrorCode::kInvalidFile, "'{}' in '{}' is of the wrong kind", key, file_.string());
    }
  }

  /// Throws kUnsupported when the key is there with another value.
  template <typename T>
  void require(const char* key, const T& wanted) const {
    if (!has(key) || json_[key] == Json(wanted)) return;
    fail(ErrorCode::kUnsupported, "'{}' in '{}' is {}, and only {} is built", key, file_.string(),
         shown(json_[key]), Json(wanted).dump());
  }

 private:
  std::filesystem::path file_;
  Json json_ = Json::object();
};

int in_range(std::int64_t value, std::int64_t most, const char* key) {
  if (value < 1 || value > most) {
    fail(ErrorCode::kInvalidFile, "'{}' is {}, wanted 1 to {}", key, value, most);
  }
  return static_cast<int>(value);
}

void read_unet(const JsonFile& file, LdmConfig& config) {
  file.require("act_fn", "silu");
  file.require("center_input_sample", false);
  file.require("flip_sin_to_cos", true);
  file.require("freq_shift", 0);
  file.require("norm_num_groups", 32);
  file.require("norm_eps", 1e-5);
  file.require("mid_block_scale_factor", 1);
  // An old name: it is the number of heads.
  if (const auto heads = file.get<std::int64_t>("attention_head_dim")) {
    config.unet.num_heads = in_range(*heads, 1 << 16, "attention_head_dim");
  }
  if (const auto size = file.get<std::int64_t>("sample_size")) {
    config.native_width = config.native_height = in_range(*size, 4096, "sample_size");
  }
}

void read_autoencoder(const JsonFile& file, LdmConfig& config) {
  file.require("act_fn", "silu");
  file.require("norm_num_groups", 32);
  if (const auto factor = file.get<double>("scaling_factor")) config.scale_factor = *factor;
}

void read_scheduler(const JsonFile& file, LdmConfig& config) {
  if (const auto name = file.get<std::string>("beta_schedule")) {
    config.schedule.kind = beta_schedule_of_diffusers(*name);
  }
  ScheduleConfig& schedule = config.schedule;
  schedule.linear_start = file.get<double>("beta_start").value_or(schedule.linear_start);
  schedule.linear_end = file.get<double>("beta_end").value_or(schedule.linear_end);
  if (const auto steps = file.get<std::int64_t>("num_train_timesteps")) {
    schedule.timesteps = in_range(*steps, 100000, "num_train_timesteps");
  }
  if (const auto name = file.get<std::string>("prediction_type")) {
    config.parameterization = parameterization_named(*name);
  }
  file.require("clip_sample", false);
  // A file that says neither is drawn as latent-diffusion draws the same weights; one that says
  // either is drawn as diffusers would.
  const auto offset = file.get<int>("steps_offset");
  const auto alpha_to_one = file.get<bool>("set_alpha_to_one");
  if (!offset && !alpha_to_one) return;
  if (offset && (*offset < 0 || *offset > schedule.timesteps)) {
    fail(ErrorCode::kInvalidFile, "'steps_offset' is {}, wanted 0 to {}", *offset,
         schedule.timesteps);
  }
  config.timestep_rule = {.original = false,
                          .steps_offset = offset.value_or(0),
                          .set_alpha_to_one = alpha_to_one.value_or(true)};
}

}  // namespace

LdmConfig ldm_config_from_hugging_face(const std::filesystem::path& folder,
                                       const Weights& weights) {
  LdmConfig config = ldm_config_from_shapes(weights);
  config.notes.clear();
  read_unet(JsonFile(folder / "unet" / "config.json"), config);
  read_autoencoder(JsonFile(folder / "vqvae" / "config.json"), config);
  read_autoencoder(JsonFile(folder / "vae" / "config.json"), config);
  read_scheduler(JsonFile(folder / "scheduler" / "scheduler_config.json"), config);
  return config;
}

}  // namespace easel
