#include "recipe/pairs.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "core/error.h"
#include "diffusion/noise_levels.h"
#include "diffusion/samplers.h"
#include "image/schedules.h"
#include "recipe/fields.h"
#include "recipe/values.h"

namespace easel {
namespace {

using Pair = Provenance::Pair;

constexpr std::size_t kHashDigits = 10;  // of a model's SHA-256, as AUTOMATIC1111 shows it
constexpr std::string_view kAll = "all";
constexpr std::string_view kYes = "yes";

std::string key_of(const Field& field, std::string_view part) {
  return std::string(field.parameters) + std::string(part);
}

// The row of a schedule by its id or by AUTOMATIC1111's name; null where Easel has none such.
const SpacingName* schedule_of(std::string_view text) {
  const auto rows = sigma_spacings();
  const auto it = std::ranges::find_if(
      rows, [&](const SpacingName& row) { return row.id == text || row.name == text; });
  return it == rows.end() ? nullptr : &*it;
}

// What AUTOMATIC1111 writes for a value of Easel's.
struct TheirWord {
  const Field* field;
  std::string_view ours;
  std::string_view theirs;
};
constexpr TheirWord kTheirWords[] = {
    {&fields::kMaskInvert, "true", "Inpaint not masked"},
    {&fields::kOnlyMasked, "true", "Only masked"},
    {&fields::kMaskContent, "noise", "latent noise"},
    {&fields::kMaskContent, "nothing", "latent nothing"},
    {&fields::kTile, "xy", "True"},
    {&fields::kHiresUpscaler, "latent", "Latent"},
    {&fields::kHiresUpscaler, "latent-bicubic", "Latent (bicubic)"},
    {&fields::kHiresUpscaler, "latent-nearest", "Latent (nearest)"},
};
const TheirWord* word_of(const Field& field, std::string_view TheirWord::*side,
                         std::string_view text) {
  const auto* word = std::ranges::find_if(
      kTheirWords, [&](const TheirWord& one) { return one.field == &field && one.*side == text; });
  return word == std::end(kTheirWords) ? nullptr : word;
}

// The names that other programs know: torch's CPU generator is what AUTOMATIC1111 calls CPU.
std::string told(const Field& field, std::string text) {
  if (&field == &fields::kSampler) return sampler_title(text);
  if (&field == &fields::kRng && text == "torch-cpu") return "CPU";
  if (&field == &fields::kSchedule) {
    const SpacingName* row = schedule_of(text);
    if (row != nullptr && !row->name.empty()) return std::string(row->name);
  }
  if (const TheirWord* word = word_of(field, &TheirWord::ours, text))
    return std::string(word->theirs);
  // A name is enough for whoever gets the picture; where it lay is nobody's affair.
  if (&field == &fields::kInit || &field == &fields::kMask) {
    return std::filesystem::path(text).filename().string();
  }
  if (&field == &fields::kModelHash) text.resize(std::min(text.size(), kHashDigits));
  return text;
}

std::string meant(const Field& field, const std::string& text) {
  if (&field == &fields::kSampler) return sampler_id(text);
  if (&field == &fields::kRng && text == "CPU") return "torch-cpu";
  if (&field == &fields::kSchedule) {
    const SpacingName* row = schedule_of(text);
    if (row != nullptr) return std::string(row->id);
  }
  if (&field == &fields::kRng && text == "NV") return "nv";
  if (const TheirWord* word = word_of(field, &TheirWord::theirs, text))
    return std::string(word->ours);
  return text;
}

// Other programs have a "Backend", an "RNG" and schedules too, with values that mean nothing here.
bool is_choice(const Field& field, std::string_view text) {
  if (&field == &fields::kSchedule) return schedule_of(text) != nullptr;
  if (field.choices.empty()) return true;
  const std::string list = " " + std::string(field.choices) + " ";
  return list.find(" " + std::string(text) + " ") != std::string::npos;
}

std::string_view text_in(const std::string& value) { return value; }
template <typename T>
std::string_view text_in(const T&) {
  return {};
}

class Writer {
 public:
  template <typename T>
  void operator()(const Field& field, const T& value) {
    if (field.parameters.empty() || !is_said(value)) return;
    // The files of the usual backend keep the bytes they always had.
    if (&field == &fields::kBackend && text_in(value) == field.usual) return;
    write(field, value);
  }
  std::vector<PlacedPair> pairs;

 private:
  void add(const Field& field, std::string_view part, std::string value) {
    pairs.push_back({field.place, key_of(field, part), std::move(value)});
  }
  template <typename T>
  void write(const Field& field, const T& value) {
    add(field, "", told(field, text_of(value)));
  }
  void write(const Field& field, const std::optional<Variation>& value) {
    add(field, "", text_of(value->seed));
    add(field, " strength", text_of(value->strength));
  }
  void write(const Field& field, const std::optional<SharedGenerator>& value) {
    add(field, " n_iter", text_of(value->iterations));
    add(field, " n_samples", text_of(value->samples));
    const bool all = value->picture == SharedGenerator::kAll;
    add(field, " picture", all ? std::string(kAll) : text_of(value->picture + 1));
    if (value->fixed_start) add(field, " fixed_code", std::string(kYes));
  }
};

class Reader {
 public:
  explicit Reader(std::vector<Pair>& pairs) : pairs_(pairs) {}

  template <typename T>
  void operator()(const Field& field, T& into) {
    if (!field.parameters.empty()) read(field, into);
  }

 private:
  const std::string* find(std::string_view key) const {
    const auto found = std::find_if(pairs_.rbegin(), pairs_.rend(),
                                    [&](const Pair& pair) { return pair.first == key; });
    return found == pairs_.rend() ? nullptr : &found->second;
  }
  void drop(std::string_view key) {
    std::erase_if(pairs_, [&](const Pair& pair) { return pair.first == key; });
  }
  template <typename T>
  bool take(const std::string& key, T& into) {
    const std::string* text = find(key);
    return text != nullptr && read_text(*text, into);
  }

  template <typename T>
  void read(const Field& field, T& into) {
    const std::string* text = find(field.parameters);
    if (text == nullptr) return;
    const std::string value = meant(field, *text);
    if (is_choice(field, value) && read_text(value, into)) drop(field.parameters);
  }
  void read(const Field& field, std::optional<Variation>& into) {
    Variation value;
    const std::string seed = key_of(field, "");
    // The first name is AUTOMATIC1111's, the second one Easel 0.1's.
    for (const std::string& strength : {key_of(field, " strength"), std::string(kOldStrength)}) {
      if (!take(seed, value.seed) || !take(strength, value.strength)) continue;
      into = value;
      drop(seed);
      drop(strength);
    }
  }
  void read(const Field& field, std::optional<SharedGenerator>& into) {
    SharedGenerator value;
    const std::string iterations = key_of(field, " n_iter"), samples = key_of(field, " n_samples"),
                      picture = key_of(field, " picture");
    if (!take(iterations, value.iterations) || !take(samples, value.samples)) return;
    const std::string* which = find(picture);
    if (which != nullptr && *which == kAll) {
      value.picture = SharedGenerator::kAll;
    } else if (take(picture, value.picture)) {
      --value.picture;
    }
    const std::string fixed = key_of(field, " fixed_code");
    const std::string* code = find(fixed);
    value.fixed_start = code != nullptr && *code == kYes;
    into = value;
    for (const std::string& key : {iterations, samples, picture, fixed}) drop(key);
  }

  static constexpr std::string_view kOldStrength = "Variation strength";
  std::vector<Pair>& pairs_;
};

}  // namespace

std::vector<PlacedPair> pairs_of(const Recipe& recipe) {
  Writer writer;
  visit_fields(recipe, writer);
  // The one strength of a picture that begins at none is AUTOMATIC1111's "Denoising strength" too.
  if (!diffusion_of(recipe).editing.strength) {
    for (PlacedPair& pair : writer.pairs) {
      if (pair.key == fields::kHiresStrength.parameters) pair.key = fields::kStrength.parameters;
    }
  }
  std::ranges::stable_sort(writer.pairs, {}, &PlacedPair::place);
  return std::move(writer.pairs);
}

void take_pairs(std::vector<Pair>& pairs, Recipe& recipe) { visit_fields(recipe, Reader(pairs)); }

void join_schedule(std::vector<Pair>& pairs) {
  const auto named = [&](std::string_view key) {
    return std::ranges::find(pairs, key, &Pair::first);
  };
  const auto sampler = named("Sampler"), schedule = named("Schedule type");
  if (sampler == pairs.end() || schedule == pairs.end()) return;
  const std::string both = sampler_with_schedule(sampler->second, schedule->second);
  const bool is_said = schedule->second == "Automatic" || both != sampler->second ||
                       both.ends_with(" " + schedule->second);
  sampler->second = both;
  if (is_said) pairs.erase(schedule);
}

std::string sampler_id(const std::string& name) {
  try {
    return std::string(find_sampler(name).id);
  } catch (const Error&) {
    return name;
  }
}

std::string sampler_title(const std::string& name) {
  try {
    return std::string(find_sampler(name).name);
  } catch (const Error&) {
    return name;
  }
}

void mend(Recipe& recipe) {
  Diffusion& how = diffusion_of(recipe);
  const bool begins = !how.editing.init.sha256.empty();
  if (how.second_pass.scale && !begins && !how.second_pass.strength) {
    std::swap(how.second_pass.strength, how.editing.strength);
  }
  // Easel 0.1 named the arithmetic and not what computed with it.
  if (recipe.arithmetic.precision == "bf16" && recipe.arithmetic.backend.empty()) {
    recipe.arithmetic.backend = "onednn";
  }
}

}  // namespace easel
