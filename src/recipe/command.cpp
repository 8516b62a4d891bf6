#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/shell.h"
#include "recipe/fields.h"
#include "recipe/forms.h"
#include "recipe/values.h"

namespace easel {
namespace {

class Words {
 public:
  explicit Words(std::string command) { all_.push_back(std::move(command)); }
  void add(std::string word) { all_.push_back(std::move(word)); }
  void add(const std::string& option, std::string value) {
    // A value like "-5" would be taken for an option where it stands alone.
    if (value.starts_with('-')) return add(option + "=" + value);
    add(option);
    add(std::move(value));
  }
  std::vector<std::string> all() && { return std::move(all_); }

 private:
  std::vector<std::string> all_;
};

// Of "-W,--width" the first.
std::string first_name(std::string_view option) {
  return std::string(option.substr(0, option.find(',')));
}

std::string option_text(const std::optional<SharedGenerator>&) { return ""; }
std::string option_text(DeepCache value) { return "cache:" + text_of(value); }
template <typename T>
std::string option_text(const T& value) {
  return text_of(value);
}

// The same picture, with nothing said that no option says.
Recipe spoken(Recipe recipe) {
  if (recipe.arithmetic.precision == "bf16") recipe.arithmetic.precision.clear();  // the backend's
  return recipe;
}

// A run of img2img takes its size from the picture, and the model's place under a name of its own.
std::vector<std::string> script_arguments(const Recipe& recipe) {
  const Editing& editing = diffusion_of(recipe).editing;
  const bool begins = !editing.init.sha256.empty();
  Words words(begins ? "img2img" : "txt2img");
  if (begins) words.add("--init-img", editing.init.file);
  visit_fields(recipe, [&](const Field& field, const auto& value) {
    if (field.script.empty() || !is_said(value)) return;
    if (begins && (&field == &fields::kWidth || &field == &fields::kHeight)) return;
    // Without --ckpt the script draws with the large model where that is installed.
    const bool is_model = &field == &fields::kModel;
    if (const std::string text = option_text(value); text != field.usual || is_model) {
      words.add(std::string(field.script), text);
    }
  });
  words.add("--n_iter", text_of(recipe.seed.shared->iterations));
  words.add("--n_samples", text_of(recipe.seed.shared->samples));
  if (recipe.seed.shared->fixed_start) words.add("--fixed_code");
  if (diffusion_of(recipe).sampler == "plms") words.add("--plms");
  if (diffusion_of(recipe).sampler == "dpmpp-2m") words.add("--dpm_solver");
  return std::move(words).all();
}

std::vector<std::string> draw_arguments(const Recipe& recipe,
                                        const std::vector<std::string>& more) {
  Words words("draw");
  const bool prompt_last = recipe.prompt.starts_with('-');
  if (!prompt_last) words.add(recipe.prompt);
  if (recipe.prompt.empty()) words.add("--allow-empty");
  const Recipe said = spoken(recipe);
  visit_fields(said, [&](const Field& field, const auto& value) {
    if (field.option.empty() || !is_said(value)) return;
    if constexpr (std::is_same_v<decltype(value), const bool&>) {
      words.add(first_name(field.option));
    } else if (const std::string text = option_text(value); text != field.usual) {
      words.add(first_name(field.option), text);
    }
  });
  for (const std::string& word : more) words.add(word);
  if (prompt_last) {
    words.add("--");
    words.add(recipe.prompt);
  }
  return std::move(words).all();
}

}  // namespace

std::vector<std::string> arguments_of(const Recipe& recipe, const std::vector<std::string>& more) {
  if (!recipe.seed.seed) return {};
  if (!recipe.seed.shared) return draw_arguments(recipe, more);
  std::vector<std::string> words = script_arguments(recipe);
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::string command_of(const Recipe& recipe, std::string_view program,
                       const std::vector<std::string>& more) {
  const std::vector<std::string> arguments = arguments_of(recipe, more);
  if (arguments.empty()) return "";
  std::string command = shell_quoted(program);
  for (const std::string& word : arguments) command += " " + shell_quoted(word);
  return command;
}

}  // namespace easel
