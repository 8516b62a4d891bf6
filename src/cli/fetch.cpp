#include <CLI/App.hpp>
#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/known_models.h"
#include "cli/licence.h"
#include "cli/option_checks.h"
#include "cli/places.h"
#include "cli/progress.h"
#include "core/edit_distance.h"
#include "core/error.h"
#include "core/shell.h"
#include "core/units.h"
#include "fetch/install.h"

namespace easel::cli {

namespace fs = std::filesystem;

namespace {

struct FetchOptions {
  std::string name;
  bool original = false;
  bool accepts_licence = false;
  bool quiet = false;
  // For tests: another catalogue, or the built-in one at another server.
  std::string catalogue;
  std::string base_url;
  int retries = 5;
};

std::vector<fetch::RemoteModel> catalogue_for(const FetchOptions& options) {
  if (options.catalogue.empty()) return fetch::builtin_catalogue();
  std::ifstream in(options.catalogue);
  std::ostringstream text;
  if (!(text << in.rdbuf())) fail(ErrorCode::kNotFound, "'{}' cannot be read", options.catalogue);
  return fetch::parse_catalogue(text.str());
}

// "https://host/a/b" at "http://127.0.0.1:8000": "http://127.0.0.1:8000/a/b"
std::string at_base(const std::string& url, const std::string& base) {
  const std::size_t host = url.find("://");
  const std::size_t path = host == std::string::npos ? 0 : url.find('/', host + 3);
  return base + (path == std::string::npos ? "/" : url.substr(path));
}

std::string in_environment(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value == nullptr ? "" : value;
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  return text;
}

// Hugging Face's own variables: a mirror's address, and the token of who may read a closed model.
struct HuggingFace {
  std::string endpoint{fetch::kHuggingFaceHost};
  std::string token;
  bool is_plain = false;  ///< http, as mirrors on this computer have it
};

HuggingFace hugging_face() {
  HuggingFace place{.token = in_environment("HF_TOKEN")};
  std::string endpoint = in_environment("HF_ENDPOINT");
  while (endpoint.ends_with('/')) endpoint.pop_back();
  if (!endpoint.empty()) place.endpoint = std::move(endpoint);
  place.is_plain = place.endpoint.starts_with("http://");
  if (!place.is_plain && !place.endpoint.starts_with("https://")) {
    fail(ErrorCode::kUsage, "HF_ENDPOINT is '{}'; wanted is an address such as {}", place.endpoint,
         fetch::kHuggingFaceHost);
  }
  const bool printable =
      std::ranges::all_of(place.token, [](char c) { return c > ' ' && c < 0x7f; });
  if (!printable) fail(ErrorCode::kUsage, "HF_TOKEN holds characters that no token has");
  return place;
}

// The token goes to Hugging Face, or its mirror, and nowhere else.
void use_hugging_face(const HuggingFace& place, fetch::RemoteFile& file) {
  const std::string host = std::string(fetch::kHuggingFaceHost) + "/";
  if (!file.url.starts_with(host)) return;
  file.url = place.endpoint + file.url.substr(host.size() - 1);
  file.token = place.token;
}

fetch::RemoteModel find_remote(const FetchOptions& options) {
  std::vector<std::string> names;
  for (const fetch::RemoteModel& model : catalogue_for(options)) {
    if (model.name == options.name) return model;
    names.push_back(model.name);
  }
  const std::string near = nearest(options.name, names);
  std::string known;
  for (const std::string& name : names) known += (known.empty() ? "" : ", ") + name;
  fail(ErrorCode::kUsage, "no model '{}' can be fetched; {}{}", options.name,
       near.empty() ? "" : "did you mean '" + near + "'? ", "there are: " + known);
}

fetch::InstallRequest request_for(const FetchOptions& options, const fetch::RemoteModel& model,
                                  const Places& places) {
  const bool is_lora = model.kind == fetch::RemoteKind::kLora;
  fetch::InstallRequest request{.name = model.name,
                                .files = model.files,
                                .models = is_lora ? places.data / "loras" : places.user_models,
                                .download = {.allow_plain = false, .retries = options.retries}};
  if (options.original) {
    if (model.original_files.empty())
      fail(ErrorCode::kUsage, "'{}' has no other original: leave --original out", model.name);
    request.name += "-original";
    request.files = model.original_files;
  }
  const HuggingFace place = hugging_face();
  for (fetch::RemoteFile& file : request.files) use_hugging_face(place, file);
  if (!options.base_url.empty()) {
    for (fetch::RemoteFile& file : request.files) file.url = at_base(file.url, options.base_url);
  }
  request.download.allow_plain =
      place.is_plain || !options.base_url.empty() || !options.catalogue.empty();
  return request;
}

bool holds_tensors(const std::string& path) {
  return path.ends_with(".ckpt") || path.ends_with(".safetensors") || path.ends_with(".bin");
}

std::string progress_text(std::int64_t done, std::int64_t total, double seconds_left,
                          const std::string& path) {
  return fmt::format("{} of {}, {:.0f} %{}: {}", human_bytes(done), human_bytes(total),
                     100 * static_cast<double>(done) / static_cast<double>(total),
                     seconds_left < 0 ? "" : ", " + human_seconds(seconds_left) + " left", path);
}

// How what was fetched is used.
void print_use(const fetch::RemoteModel& model, const std::string& name, const fs::path& folder,
               const Context& context) {
  if (model.kind == fetch::RemoteKind::kLora) {
    print_line("  use it: --lora " + name);
  } else if (model.kind == fetch::RemoteKind::kAutoencoder) {
    print_line("  use it: --vae " + shell_quoted((folder / model.files.front().path).string()));
  } else if (model.kind == fetch::RemoteKind::kModel && holds_weights(folder)) {
    print_line("  draw with it: " + shell_quoted(context.program) + " draw \"a ship at sea\" -m " +
               name);
  }
}

void tell_checksum(const fetch::RemoteFile& file, const fetch::Downloaded& downloaded,
                   Progress& progress) {
  if (!file.sha256.empty() || !holds_tensors(file.path)) return;
  progress.note(
      file.path + ": SHA-256 " + downloaded.sha256 +
      (downloaded.by_server ? " (as the server says too)" : " (none is published to compare)"));
}

void fetch(const FetchOptions& options, const Context& context) {
  const Places places = find_places();
  const fetch::RemoteModel model = find_remote(options);
  const fetch::InstallRequest request = request_for(options, model, places);
  const fs::path folder = request.models / request.name;
  if (fs::exists(folder)) {
    print_line(request.name + " is installed already, in " + folder.string());
    return;
  }
  require_licence(model.name, model.licence, options.accepts_licence);
  Progress progress(detect_console(), options.quiet);
  const auto start = std::chrono::steady_clock::now();
  TimeLeft time_left;
  const fetch::InstallHooks hooks{
      .on_bytes =
          [&](std::int64_t done, std::int64_t total, const std::string& path) {
            const double seconds =
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            const double fraction = static_cast<double>(done) / static_cast<double>(total);
            const double left = time_left.at(fraction, seconds);
            progress.update(fraction, progress_text(done, total, left, path));
          },
      .on_note = [&](const std::string& text) { progress.note("easel: " + text); },
      .on_file =
          [&](const fetch::RemoteFile& file, const fetch::Downloaded& downloaded) {
            tell_checksum(file, downloaded, progress);
          },
      .check =
          [&](const fs::path& staging) {
            progress.status("checking the model");
            if (model.kind == fetch::RemoteKind::kModel) check_fetched_model(staging, places);
            if (model.kind != fetch::RemoteKind::kModel) check_fetched_part(staging);
          },
      .cancel = context.cancel};
  fetch::install(request, hooks);
  progress.clear();
  if (options.quiet) return;
  print_line(request.name + " is installed in " + folder.string());
  print_use(model, request.name, folder, context);
}

}  // namespace

Action add_fetch(CLI::App& app) {
  const auto options = std::make_shared<FetchOptions>();
  app.add_option("NAME", options->name, "A name of the list below")->required()->type_name("");
  app.add_flag("--accept-licence", options->accepts_licence,
               "Agree to the model's licence, which is shown; else it is asked on a terminal");
  app.add_flag("--original", options->original,
               "The authors' own model.ckpt (5.7 GB) in place of the Hugging Face folder");
  app.add_flag("--quiet", options->quiet, "Print nothing but errors");
  app.add_option("--catalogue", options->catalogue)->group("");
  app.add_option("--base-url", options->base_url)->group("");
  app.add_option("--retries", options->retries)->check(whole_number(1, 1000))->group("");
  std::string known = "What there is:\n";
  for (const fetch::RemoteModel& model : fetch::builtin_catalogue()) {
    std::int64_t bytes = 0;
    bool published = true;
    for (const fetch::RemoteFile& file : model.files) {
      if (!holds_tensors(file.path) && file.bytes == 0) continue;
      bytes += file.expected_bytes();
      published = published && file.bytes > 0;
    }
    known += fmt::format("  {:<20} {}, {}{}\n", model.name, model.summary,
                         published ? "" : "at most ", human_bytes(bytes));
  }
  app.footer(
      known +
      "\nModels go to $XDG_DATA_HOME/easel/models, else ~/.local/share/easel/models. A download "
      "that was cut\noff is carried on by the same command; nothing has the model's name before "
      "all of it is there\nand its checksums hold. HF_ENDPOINT names a mirror of huggingface.co, "
      "HF_TOKEN a token for it\nthat goes to no other host.");
  return [options](const Context& context) { fetch(*options, context); };
}

}  // namespace easel::cli
