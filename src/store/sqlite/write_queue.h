#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "store/sqlite/database.h"

namespace easel {

/// The one thread that writes to the database. Works that wait together share a transaction, and
/// with it the wait for the disk; one that throws is undone alone.
///
/// Thread rule: any thread.
class WriteQueue {
 public:
  using Work = std::function<void(Database&)>;
  /// Called on the writing thread once the work is on the disk (null) or undone (why).
  using Done = std::function<void(std::exception_ptr)>;

  /// The database must outlive it, and nothing else may use it.
  explicit WriteQueue(Database& database);
  /// Finishes what was posted.
  ~WriteQueue();
  WriteQueue(const WriteQueue&) = delete;
  WriteQueue& operator=(const WriteQueue&) = delete;

  void post(Work work, Done done);
  /// The same, waiting; throws what the work or the disk throws. Not from the writing thread.
  void run(const Work& work);

 private:
  struct Item {
    Work work;
    Done done;
    std::exception_ptr error = nullptr;
  };
  void loop();
  std::deque<Item> take();
  void write_together(std::deque<Item>& items);

  Database& database_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace easel
