#include <sys/wait.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <memory>
#include <utility>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/known_models.h"
#include "cli/model_options.h"
#include "cli/option_checks.h"
#include "cli/places.h"
#include "core/error.h"
#include "core/shell.h"
#include "http/token.h"
#include "server/serve.h"

namespace easel::cli {
namespace {

namespace fs = std::filesystem;

struct ServeCommandOptions {
  ModelOptions model;
  std::string host = "127.0.0.1";
  int port = 7860;
  std::string data;
  std::string token_file;
  std::vector<std::string> allow_hosts;
  std::vector<std::string> allow_origins;
  std::string public_address;
  std::string web;
  std::string log = "text";
  int idle_minutes = 10;
  bool open = false;
  bool verbose = false;
};

// Shows the page in the person's browser. Whether there is one is not our affair.
void open_browser(const std::string& url) {
  const pid_t child = fork();
  if (child == 0) {
    if (fork() == 0) {
      execlp("xdg-open", "xdg-open", url.c_str(), static_cast<char*>(nullptr));
      _exit(127);
    }
    _exit(0);
  }
  if (child > 0) waitpid(child, nullptr, 0);
}

// A new token is shown once, in a link that logs the browser in.
std::string token_link_part(const ServeCommandOptions& options) {
  std::error_code ignored;
  if (options.token_file.empty() || fs::exists(options.token_file, ignored)) return "";
  const auto created = Tokens::create(options.token_file);
  print_line("made a token; this link is the only place where it is shown:");
  return "#token=" + created.token;
}

void serve(const ServeCommandOptions& options, const Context& context) {
  const Places places = find_places();
  const std::string token = token_link_part(options);
  server::ServeOptions serving;
  serving.host = options.host;
  serving.port = static_cast<std::uint16_t>(options.port);
  serving.data = options.data.empty() ? places.user_models.parent_path() : fs::path(options.data);
  const Installed installed = known_models(options.model, places, context.program).all;
  serving.models = installed.models;
  serving.builtin_catalogue = places.shipped_models / "default" / "catalogue.json";
  serving.own_catalogue = places.own_catalogue;
  if (!options.token_file.empty()) serving.tokens = options.token_file;
  serving.allow_hosts = options.allow_hosts;
  serving.allow_origins = options.allow_origins;
  serving.public_address = options.public_address;
  if (!options.web.empty()) serving.web = options.web;
  serving.idle = std::chrono::minutes(options.idle_minutes);
  serving.log = options.log == "json" ? server::LogFormat::kJson : server::LogFormat::kText;
  serving.log_level = options.verbose ? server::LogLevel::kDebug : server::LogLevel::kInfo;
  serving.on_listening = [&](const std::string& url) {
    print_line("easel is at " + url + token + "  (Ctrl-C stops it)");
    if (options.open) open_browser(url + token);
  };
  const DrawingOptions engine = engine_options(options.model);
  server::serve(serving, make_engine(engine, installed, engine_folders(places)));
}

constexpr const char* kServerGroup = "Server";

// Where it listens, and for whom.
void add_address_options(CLI::App& app, ServeCommandOptions* options) {
  const char* group = kServerGroup;
  app.add_option("--host", options->host, "Address to listen on [127.0.0.1: this computer alone]")
      ->type_name("ADDRESS")
      ->group(group);
  app.add_option("--port", options->port, "Port; 0 takes any free one [7860]")
      ->check(whole_number(0, 65535))
      ->type_name("N")
      ->group(group);
  app.add_option("--token-file", options->token_file,
                 "File of SHA-256 of tokens; made, with a token, if it is not there")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--allow-host", options->allow_hosts, "One more name that the server goes by")
      ->type_name("NAME")
      ->group(group);
  app.add_option("--public-address", options->public_address,
                 "As others reach it behind a proxy: https://pics.example.org [as they address it]")
      ->type_name("URL")
      ->group(group);
  app.add_option("--allow-origin", options->allow_origins,
                 "Let the pages of another site use it: https://app.example.org [none]")
      ->type_name("URL")
      ->group(group);
}

}  // namespace

Action add_serve(CLI::App& app) {
  const auto options = std::make_shared<ServeCommandOptions>();
  add_model_options(app, options->model);
  add_address_options(app, options.get());
  const char* group = kServerGroup;
  app.add_flag("--open", options->open, "Show the page in the browser")->group(group);
  app.add_option("--data", options->data,
                 "Folder of everything that was drawn [~/.local/share/easel]")
      ->type_name("DIR")
      ->group(group);
  app.add_option("--idle", options->idle_minutes,
                 "Minutes without work after which the model's memory is given back [10]")
      ->check(whole_number(1, 100000))
      ->type_name("N")
      ->group(group);
  app.add_option("--log", options->log, "Form of the log on standard error: text or json [text]")
      ->check(CLI::IsMember({"text", "json"}).description(""))
      ->type_name("FORM")
      ->group(group);
  app.add_flag("--verbose", options->verbose, "Log every request")->group(group);
  app.add_option("--web", options->web, "Folder to read the page from, for working on it")
      ->type_name("DIR")
      ->group(group);
  app.footer(
      "Examples:\n"
      "  easel serve --open\n"
      "  easel serve --port 0 --data ~/pictures\n"
      "  easel serve --host 0.0.0.0 --token-file tokens --allow-host studio.lan\n"
      "  easel serve --public-address https://pics.example.org\n\n"
      "It ends with 2 where it cannot start as it was called, and with 1 where another try may\n"
      "help: the port or the folder is another program's just now.");
  return [options](const Context& context) { serve(*options, context); };
}

}  // namespace easel::cli
