#include <CLI/App.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/describe_model.h"
#include "cli/picture_tasks.h"
#include "cli/safe_print.h"
#include "cli/verbatim.h"
#include "core/error.h"
#include "core/json.h"
#include "image/facts.h"
#include "recipe/forms.h"

namespace easel::cli {

namespace fs = std::filesystem;

namespace {

struct InspectOptions {
  std::vector<std::string> files;
  std::string config;
  std::string vocab;
  bool json = false;
  bool verify = false;
};

bool is_picture(const fs::path& file) {
  if (file == kStandardStream) return true;
  if (!fs::is_regular_file(file)) return false;
  std::vector<std::uint8_t> head(64);
  std::ifstream in(file, std::ios::binary);
  in.read(reinterpret_cast<char*>(head.data()), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(in.gcount()));
  return detect_format(head).has_value();
}

Json json_of(const Provenance& provenance) { return Json::parse(to_record(provenance)); }

// A picture without words that says nothing of its program is hardly one of Easel's.
std::string again_of(const std::optional<Provenance>& from, const std::string& program) {
  if (!from || (from->recipe.prompt.empty() && from->version.empty())) return "";
  return command_of(from->recipe, program);
}

// Other programs' texts by their keywords; of equal ones the last.
Json texts_json(const ImageMetadata& metadata) {
  Json texts = Json::object();
  for (const NamedText& text : metadata.texts) texts[text.key] = text.text;
  return texts;
}

// What is in a picture besides: which texts, and how long.
std::string texts_line(const ImageMetadata& metadata) {
  std::string line;
  const auto add = [&](std::string_view what, std::size_t bytes) {
    if (bytes > 0) line += fmt::format("{}{} ({} bytes)", line.empty() ? "" : ", ", what, bytes);
  };
  for (const NamedText& text : metadata.texts) add(text.key, text.text.size());
  add("EXIF", metadata.exif.size());
  add("XMP", metadata.xmp.size());
  return line.empty() ? "" : "  also in it: " + line + "\n";
}

Json picture_json(const PictureFacts& picture, const std::string& again) {
  Json result = {{"kind", "picture"},
                 {"format", name_of(picture.format)},
                 {"width", picture.size.width},
                 {"height", picture.size.height},
                 {"channels", picture.channels},
                 {"bits", picture.bits},
                 {"animated", picture.is_animated},
                 {"parameters", picture.metadata.parameters},
                 {"texts", texts_json(picture.metadata)},
                 {"notes", picture.notes}};
  const auto settings = provenance_of(picture.metadata);
  result["settings"] = settings ? json_of(*settings) : Json();
  result["command"] = again.empty() ? Json() : Json(again);
  return result;
}

std::string facts_text(const PictureFacts& picture, const std::string& again) {
  std::string text = fmt::format("{}{} picture, {} x {}, {} channel{}, {} bits\n",
                                 picture.is_animated ? "animated " : "", name_of(picture.format),
                                 picture.size.width, picture.size.height, picture.channels,
                                 picture.channels == 1 ? "" : "s", picture.bits);
  for (const std::string& note : picture.notes) text += "  note: " + note + "\n";
  const auto provenance = provenance_of(picture.metadata);
  const std::string also = texts_line(picture.metadata);
  if (!provenance) return text + "  no settings of a picture generator are in it\n" + also;
  std::string lines = to_parameters(*provenance);
  for (std::size_t at = 0; (at = lines.find('\n', at)) != std::string::npos; at += 3)
    lines.replace(at, 1, "\n  ");
  text += "  " + lines + "\n";
  const bool unfinished = provenance->recipe.unfinished.has_value();
  if (!again.empty()) text += (unfinished ? "  again, to the end: " : "  again: ") + again + "\n";
  return text + also;
}

class InspectCommand {
 public:
  InspectCommand(const InspectOptions& options, const Context& context)
      : options_(options), context_(context) {}

  void run() {
    int failed = 0;
    for (const std::string& file : options_.files) {
      context_.cancel.check();
      try {
        inspect(file);
      } catch (const Error& error) {
        if (options_.files.size() == 1 || error.code() == ErrorCode::kCancelled) throw;
        print_error_line(std::string("easel: ") + error.what());
        results_.push_back({{"file", file}, {"error", error.what()}});
        ++failed;
      }
    }
    if (options_.json) print_json(results_);
    if (failed > 0)
      throw FailedInPart(ErrorCode::kInvalidFile, fmt::format("{} of {} files could not be read",
                                                              failed, options_.files.size()));
  }

 private:
  void inspect(const std::string& file) {
    Json result;
    std::string text;
    if (is_picture(file)) {
      const PictureFacts picture = facts_of_picture(
          read_input_bytes(file), file == kStandardStream ? "on standard input" : file);
      const std::string again = again_of(provenance_of(picture.metadata), context_.program);
      result = picture_json(picture, again);
      text = facts_text(picture, again);
    } else {
      const ModelReport report = describe_model(
          file, {.config = options_.config, .vocab = options_.vocab, .verify = options_.verify});
      result = json_of(report);
      text = text_of(report);
    }
    result["file"] = file;
    if (options_.json) {
      results_.push_back(std::move(result));
    } else {
      print_text(file + ": " + text);
    }
  }

  const InspectOptions& options_;
  const Context& context_;
  Json results_ = Json::array();
};

}  // namespace

Action add_inspect(CLI::App& app) {
  const auto options = std::make_shared<InspectOptions>();
  app.add_option("FILE", options->files,
                 "Model files, folders or pictures; - for a picture on standard input")
      ->required()
      ->type_name("");
  app.add_flag("--json", options->json, "Print a JSON list, one entry a file");
  app.add_flag("--verify", options->verify,
               "Also read all of a PyTorch archive and compare its checksums");
  app.add_option("--config", options->config, "The model's config.yaml, if not beside it")
      ->type_name("FILE");
  app.add_option("--vocab", options->vocab, "The model's vocab.txt, if not beside it")
      ->type_name("FILE");
  app.footer(
      "Of a model: format, family, parameters by part, types, size, what it needs, whether it is "
      "safe.\n"
      "Of a picture: the settings in it, and the command that draws it again.");
  return [options](const Context& context) {
    InspectOptions given = *options;
    given.files = without_marks(std::move(given.files));
    InspectCommand(given, context).run();
  };
}

}  // namespace easel::cli
