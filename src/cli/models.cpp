#include <CLI/App.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/describe_model.h"
#include "cli/known_models.h"
#include "cli/places.h"
#include "cli/safe_print.h"
#include "core/error.h"
#include "core/json.h"
#include "core/shell.h"
#include "core/units.h"
#include "fetch/catalogue.h"

namespace easel::cli {
namespace {

struct ModelsOptions {
  bool json = false;
};

struct ModelRow {
  InstalledModel model;
  std::string what;
  std::int64_t bytes = 0;
};

ModelRow row_for(const InstalledModel& model) {
  ModelRow row{.model = model, .what = "a vocabulary", .bytes = bytes_on_disk(model.folder)};
  if (!holds_weights(model.folder)) return row;
  try {
    const Weights weights = open_model_weights(model.folder);
    std::int64_t parameters = 0;
    for (const PartSummary& part : summarize_parts(weights, known_parts()))
      parameters += part.parameters;
    row.what = recognise(weights).name + ", " + with_commas(parameters) + " parameters";
  } catch (const Error& error) {
    row.what = std::string("not usable: ") + error.what();
  }
  return row;
}

void list(const ModelsOptions& options, const Context& context) {
  const Places places = find_places();
  Json result = {{"folder", places.user_models.string()},
                 {"installed", Json::array()},
                 {"available", Json::array()}};
  std::string text;
  for (const InstalledModel& model : installed_models(places)) {
    const ModelRow row = row_for(model);
    result["installed"].push_back({{"name", model.name},
                                   {"what", row.what},
                                   {"bytes", row.bytes},
                                   {"path", model.folder.string()},
                                   {"shipped", model.shipped}});
    text += fmt::format("{:<28} {}, {}\n{:<28} {}\n", model.name, row.what, human_bytes(row.bytes),
                        "", model.folder.string() + (model.shipped ? " (came with Easel)" : ""));
  }
  for (const fetch::RemoteModel& remote : fetch::builtin_catalogue()) {
    if (std::filesystem::exists(places.user_models / remote.name)) continue;
    result["available"].push_back({{"name", remote.name}, {"what", remote.summary}});
    text += fmt::format("{:<28} {}\n{:<28} not installed: {} fetch {}\n", remote.name,
                        remote.summary, "", shell_quoted(context.program), remote.name);
  }
  if (options.json) {
    print_json(result);
  } else {
    print_text(text);
  }
}

}  // namespace

Action add_models(CLI::App& app) {
  const auto options = std::make_shared<ModelsOptions>();
  app.add_flag("--json", options->json, "Print as JSON");
  app.footer(
      "Examples:\n"
      "  easel models\n"
      "  easel draw \"a ship at sea\" -m ldm-text2img-large\n"
      "  easel inspect ~/.local/share/easel/models/ldm-text2img-large");
  return [options](const Context& context) { list(*options, context); };
}

}  // namespace easel::cli
