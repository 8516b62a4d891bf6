// What nobody needs any more goes.

#include <chrono>
#include <set>

#include "core/error.h"
#include "server/app/app.h"
#include "store/ulid.h"

namespace easel::server {
namespace {

constexpr std::int64_t kUndoMs = 24LL * 3600 * 1000;
// For how long a picture that was sent waits to be drawn from.
constexpr std::chrono::hours kGivenKept{24};

}  // namespace

void App::purge_deleted() {
  ask([](const Transaction& all) { return all.pictures().deleted_before(now_ms() - kUndoMs, 100); },
      [this](const std::vector<std::string>& old) {
        for (const std::string& id : old) {
          try {
            storage.files.remove(id);
          } catch (const Error& error) {
            log.write(LogLevel::kError, error.what());
            continue;
          }
          write([id](Transaction& all) { all.pictures().purge(id); },
                [this, id] { publish_purged(id); }, logged());
        }
      },
      logged());
}

void App::drop_given() {
  using Clock = std::filesystem::file_time_type::clock;
  // A request that names one renews it: what is named after the store was read is younger.
  ask(
      [](const Transaction& all) {
        std::set<std::string> named = all.pictures().given();
        named.merge(all.jobs().given());
        return named;
      },
      [this, then = Clock::now() - kGivenKept](const std::set<std::string>& named) {
        threads.helper->post([this, then, named] { storage.given.drop_unnamed(then, named); });
      },
      logged());
}

}  // namespace easel::server
