#include "store/sqlite/read_pool.h"

#include <utility>

#include "core/error.h"

namespace easel {
namespace {

// Ends a reading transaction however the reading went.
class Snapshot {
 public:
  explicit Snapshot(Database& database) : database_(database) { database_.script("BEGIN"); }
  ~Snapshot() {
    try {
      if (database_.in_transaction()) database_.script("COMMIT");
    } catch (const Error&) {
      // Nothing was changed.
    }
  }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Database& database_;
};

std::exception_ptr error_of(Database& database, const ReadPool::Work& work) {
  try {
    const Snapshot one_state(database);
    work(database);
    return nullptr;
  } catch (...) {
    return std::current_exception();
  }
}

}  // namespace

ReadPool::ReadPool(const std::filesystem::path& file, int threads) {
  for (int i = 0; i < threads; ++i) connections_.emplace_back(file, Database::Mode::kReadOnly);
  for (Database& connection : connections_) {
    threads_.emplace_back([this, &connection] { loop(connection); });
  }
}

ReadPool::~ReadPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ReadPool::post(Work work, Done done) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({std::move(work), std::move(done)});
  }
  changed_.notify_one();
}

void ReadPool::loop(Database& database) {
  for (;;) {
    Item item;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      item = std::move(waiting_.front());
      waiting_.pop_front();
    }
    const std::exception_ptr error = error_of(database, item.work);
    if (item.done) item.done(error);
  }
}

}  // namespace easel
