#include "server/app/app.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/sha256.h"
#include "http/cross_origin.h"
#include "server/app/events.h"
#include "server/app/limits.h"
#include "store/open/open_records.h"
#include "store/repair.h"
#include "store/ulid.h"

namespace easel::server {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

Tokens read_tokens(const ServeOptions& options) {
  return options.tokens ? Tokens::read(*options.tokens) : Tokens();
}

std::optional<WebAddress> read_public_address(const ServeOptions& options) {
  if (options.public_address.empty()) return std::nullopt;
  return parse_web_address(options.public_address, "--public-address");
}

HostRules hosts_of(const ServeOptions& options, const std::optional<WebAddress>& address) {
  std::vector<std::string> names = options.allow_hosts;
  if (address) names.push_back(address->name);
  HostRules rules = host_rules(options.host, names);
  if (address) rules.public_origin = address->origin;
  for (const std::string& text : options.allow_origins) {
    const WebAddress origin = parse_web_address(text, "--allow-origin");
    if (!origin.path.empty()) {
      fail(ErrorCode::kUsage, "--allow-origin is '{}'; an origin has no path: {}", text,
           origin.origin);
    }
    rules.origins.push_back(origin.origin);
  }
  return rules;
}

}  // namespace

Storage::Storage(const std::filesystem::path& path)
    : folder(path),
      crash_mark(folder.path() / "crashed"),
      files(folder.pictures(), folder.thumbnails()),
      given(folder.given()),
      local_pictures(files),
      records(open_records(folder)),
      workers(*records) {}

Drawing::Drawing(const ServeOptions& options, const Engine& with)
    : engine(with),
      models(with, options.models),
      catalogue(options.builtin_catalogue, options.own_catalogue) {}

Web::Web(const ServeOptions& options)
    : public_address(read_public_address(options)),
      gate(router, {.hosts = hosts_of(options, public_address), .tokens = read_tokens(options)}) {}

std::string Web::address_of(const HttpRequest& request, const std::string& path) const {
  if (public_address) return public_address->text() + path;
  // Whoever says it without a proxy changes only the addresses that are given to it.
  const std::string* scheme = request.header("x-forwarded-proto");
  const bool secure = scheme != nullptr && *scheme == "https";
  return (secure ? "https://" : "http://") + *request.header("host") + path;
}

App::App(const ServeOptions& wanted, const Engine& engine)
    : options(wanted),
      log(wanted.log, wanted.log_level),
      web(wanted),
      storage(wanted.data),
      drawing(wanted, engine) {
  const RepairReport report =
      repair(*storage.records, storage.files,
             storage.crash_mark.crashed_before() ? Loss::kCrash : Loss::kKilled);
  if (report.adopted + report.unreadable + report.missing + report.found + report.requeued > 0) {
    log.info("repaired the gallery", {{"adopted", report.adopted},
                                      {"unreadable", report.unreadable},
                                      {"missing", report.missing},
                                      {"found", report.found},
                                      {"requeued", report.requeued}});
  }
  drawing.times.load(
      storage.records->read_now([](const Transaction& all) { return all.timings().all(); }));
  threads.events = std::make_unique<Events>(*this);
  threads.helper = std::make_unique<TaskThread>();
  threads.enlarging = std::make_unique<TaskThread>();
}

App::~App() {
  threads.worker.reset();
  threads.helper.reset();
  threads.enlarging.reset();
  storage.records.reset();
  web.listener.reset();
}

void App::run() {
  web.listener = std::make_unique<Listener>(
      loop, ListenerOptions{.host = options.host, .port = options.port},
      HttpHandler{.gate =
                      [this](HttpRequest& request, std::size_t& limit) {
                        auto refusal = web.gate.check(request, limit);
                        if (refusal) metrics.request(refusal->status);
                        if (refusal) let_read(request, *refusal);
                        return refusal;
                      },
                  .handle = [this](const RequestPtr& request,
                                   const Respond& respond) { handle(*this, request, respond); },
                  .refuse =
                      [this](int status, const std::string& detail) {
                        metrics.request(status);
                        return response_of(
                            {.status = status,
                             .detail = detail,
                             .retry_after = status == 503 ? std::optional(5) : std::nullopt});
                      }});
  if (!web.listener->loopback() && !web.gate.tokens().needed()) {
    fail(
        ErrorCode::kUsage,
        "{} can be reached from other computers, and whoever reaches it may draw, look and delete: "
        "a token is needed (--token-file FILE makes one), or --host 127.0.0.1",
        options.host);
  }
  loop.on_signals([this](int signal) { on_signal(signal); });
  start_worker();
  loop.every(60s, [this] { purge_deleted(); });
  drop_given();
  loop.every(1h, [this] { drop_given(); });
  const std::string host =
      options.host.find(':') != std::string::npos ? "[" + options.host + "]" : options.host;
  const std::string url = "http://" + host + ":" + std::to_string(web.listener->port()) + "/";
  log.info("listening", {{"url", url}, {"data", storage.folder.path().string()}});
  storage.folder.say_where(url);
  if (options.on_listening) options.on_listening(url);
  loop.run();
}

void App::start_worker() {
  drawing.models.loading = true;  // the worker's first act; not ready until it is done
  const auto as_text = [](const std::exception_ptr& trouble) {
    return to_json(problem_of(trouble)).dump();
  };
  threads.worker = std::make_unique<Worker>(
      Worker::Parts{drawing.engine, drawing.models, storage.workers, storage.local_pictures,
                    *threads.events, storage.folder},
      WorkerOptions{.idle = options.idle, .as_text = as_text});
}

Json App::job_json(const JobSight& sight, bool from_gallery) const {
  JobView view{.pictures = sight.pictures, .position = sight.place, .from_gallery = from_gallery};
  if (const Progress* progress = running.progress_of(sight.job.id)) {
    view.progress = to_json(*progress);
  }
  return to_json(sight.job, view);
}

Records::Done App::back_on_loop(std::function<void()> then, Fail fail) {
  return [this, then = std::move(then), fail = std::move(fail)](std::exception_ptr error) {
    loop.post([this, then, fail, error] {
      if (error) {
        const Problem problem = problem_of(error);
        if (problem.status >= 500) log.write(LogLevel::kError, problem.detail);
        return fail(problem.status == 507 ? Problem{.status = 503,
                                                    .type = "storage_full",
                                                    .detail = problem.detail,
                                                    .retry_after = 30}
                                          : problem);
      }
      try {
        then();
      } catch (const std::exception& trouble) {
        fail(problem_of(trouble));
      }
    });
  };
}

App::Fail App::logged() {
  return [this](const Problem& problem) { log.write(LogLevel::kError, problem.detail); };
}

NewJob App::new_draw(const HttpRequest& request, const DrawJob& draw) {
  check_with_model(draw, drawing.models);
  NewJob job;
  job.owner = request.owner;
  job.client = request.client;
  job.kind = "draw";
  job.request = to_json(draw).dump();
  const std::string fingerprint = drawing.models.fingerprint_for(draw.recipe);
  job.hash = hash_of(draw, fingerprint);
  // What a seed chooses from lists is another thing once they are others.
  if (!draw.recipe.templates.by_seed) job.hashes = hashes_of(draw, fingerprint);
  job.model = draw.recipe.model.name;
  job.count = draw.count;
  if (const auto expected = drawing.times.expected(draw)) {
    job.cost =
        std::max<std::int64_t>(std::llround(1000 * StepTimes::seconds(draw, expected->times)), 1);
  }
  return job;
}

void App::publish_gallery(const std::string& change, const PictureRecord& picture) {
  hub.publish(
      {.job = "", .name = "gallery", .data = {{"change", change}, {"picture", to_json(picture)}}});
}

void App::publish_purged(const std::string& picture) {
  hub.publish({.job = "",
               .name = "gallery",
               .data = {{"change", "purged"}, {"picture", {{"id", picture}}}}});
}

bool App::ready() const { return problem_with_readiness().empty(); }

std::string App::problem_with_readiness() const {
  if (web.gate.stopping()) return "the server is stopping";
  if (threads.worker && threads.worker->paused()) return "the disk is full";
  if (drawing.models.loading) return "the model is being loaded";
  return "";
}

void App::on_signal(int signal) {
  const bool again = web.gate.stopping();
  web.gate.stop_submitting();
  // What cannot be finished in time is given back at once: its finished pictures are kept.
  const bool now = again || running.seconds_left() > 20;
  log.info(now ? "stopping now" : "stopping once the running job is done", {{"signal", signal}});
  threads.worker->stop(now, [this] { loop.post([this] { finish_stopping(); }); });
  if (!again) loop.after(25s, [this] { threads.worker->stop(true, nullptr); });
}

void App::finish_stopping() {
  line_.at_rest = true;
  if (line_.untold > 0) return;  // whoever listens to the last job hears of its end first
  line_.at_rest = false;         // done once
  hub.close();
  web.listener->stop_accepting();
  // Answers that are on their way out get a moment.
  loop.after(200ms, [this] { loop.stop(); });
}

}  // namespace easel::server
