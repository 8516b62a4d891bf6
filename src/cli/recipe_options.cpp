#include "cli/recipe_options.h"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "cli/option_checks.h"
#include "core/error.h"
#include "recipe/values.h"

namespace easel::cli {
namespace {

constexpr int kUsualEvery = 3;  // of --fast cache

std::string long_name(const Field& field) {
  const auto at = field.option.find("--");
  return std::string(field.option.substr(at, field.option.find(',', at) - at));
}

bool read_option(const std::string& text, DeepCache& into) {
  constexpr std::string_view kCache = "cache", kWithNumber = "cache:";
  if (text == kCache) into.every = kUsualEvery;
  DeepCache read;
  const bool numbered = text.starts_with(kWithNumber) &&
                        read_text(text.substr(kWithNumber.size()), read) && read.every > 1;
  if (numbered) into = read;
  return numbered || text == kCache;
}
bool read_option(const std::string& text, Image::Size& into) {
  constexpr int kMost = 8192;
  Image::Size read;
  if (!read_text(text, read) || read.width > kMost || read.height > kMost) return false;
  into = read;
  return true;
}
template <typename T>
bool read_option(const std::string& text, T& into) {
  return read_text(text, into);
}

class Adder {
 public:
  Adder(CLI::App& app, const RecipeGroup& group) : app_(app), group_(group) {}

  void operator()(const Field&, std::optional<SharedGenerator>&) {}  // txt2img's affair
  template <typename T>
  void operator()(const Field& field, T& value) {
    if (field.group != group_.group || std::ranges::find(group_.but, &field) != group_.but.end()) {
      return;
    }
    add(field, value)->type_name(std::string(field.unit))->group(std::string(field.group));
  }

 private:
  template <typename T>
  CLI::Option* plain(const Field& field, T& value) {
    return app_.add_option(std::string(field.option), value, std::string(field.help));
  }
  CLI::Option* add(const Field& field, std::string& value) {
    CLI::Option* option = plain(field, value);
    if (field.choices.empty()) return option;
    std::istringstream list{std::string(field.choices)};
    const std::vector<std::string> choices{std::istream_iterator<std::string>(list), {}};
    return option->check(CLI::IsMember(choices).description(""));
  }
  CLI::Option* add(const Field& field, bool& value) {
    return app_.add_flag(std::string(field.option), value, std::string(field.help));
  }
  CLI::Option* add(const Field& field, int& value) {
    return plain(field, value)->check(whole_number(static_cast<int>(field.least)));
  }
  CLI::Option* add(const Field& field, std::optional<int>& value) {
    return plain(field, value)->check(whole_number(static_cast<int>(field.least)));
  }
  CLI::Option* add(const Field& field, std::optional<double>& value) {
    return plain(field, value)->check(real_number(field.least, field.most));
  }
  CLI::Option* add(const Field& field, std::optional<std::uint64_t>& value) {
    return plain(field, value)->check(seed_number());
  }
  // Values that are more than a number.
  template <typename T>
  CLI::Option* add(const Field& field, T& value) {
    return app_.add_option_function<std::string>(
        std::string(field.option),
        [&field, &value](const std::string& text) {
          if (read_option(text, value)) return;
          fail(ErrorCode::kUsage, "{} wants {}, not '{}'", long_name(field), field.wanted, text);
        },
        std::string(field.help));
  }

  CLI::App& app_;
  const RecipeGroup& group_;
};

}  // namespace

void add_recipe_options(CLI::App& app, Recipe& recipe, const RecipeGroup& group) {
  visit_fields(recipe, Adder(app, group));
}

}  // namespace easel::cli
