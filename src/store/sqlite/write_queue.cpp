#include "store/sqlite/write_queue.h"

#include <future>
#include <utility>

#include "core/error.h"

namespace easel {
namespace {

constexpr std::size_t kMostTogether = 64;

}  // namespace

WriteQueue::WriteQueue(Database& database) : database_(database), thread_([this] { loop(); }) {}

WriteQueue::~WriteQueue() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void WriteQueue::post(Work work, Done done) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({std::move(work), std::move(done)});
  }
  changed_.notify_one();
}

void WriteQueue::run(const Work& work) {
  std::promise<void> promise;
  post(work, [&](std::exception_ptr error) {
    if (error) {
      promise.set_exception(error);
    } else {
      promise.set_value();
    }
  });
  promise.get_future().get();
}

std::deque<WriteQueue::Item> WriteQueue::take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
  std::deque<Item> items;
  while (!waiting_.empty() && items.size() < kMostTogether) {
    items.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return items;
}

void WriteQueue::write_together(std::deque<Item>& items) {
  database_.script("BEGIN IMMEDIATE");
  for (Item& item : items) {
    try {
      Savepoint alone(database_);
      item.work(database_);
      alone.keep();
    } catch (...) {
      item.error = std::current_exception();
      // A full disk ends the whole transaction, and with it what came before.
      if (!database_.in_transaction()) throw;
    }
  }
  database_.script("COMMIT");
}

void WriteQueue::loop() {
  for (;;) {
    std::deque<Item> items = take();
    if (items.empty()) return;
    std::exception_ptr together;
    try {
      write_together(items);
    } catch (...) {
      together = std::current_exception();
      if (database_.in_transaction()) {
        try {
          database_.script("ROLLBACK");
        } catch (const Error&) {
          // The next BEGIN says what is wrong.
        }
      }
    }
    for (Item& item : items) {
      if (item.done) item.done(together ? together : item.error);
    }
  }
}

}  // namespace easel
