#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "store/sqlite/database.h"

namespace easel {

/// Threads that read from a database, each by a connection of its own. A work sees one state of
/// the database: everything that was committed when it first looked.
///
/// Thread rule: any thread.
class ReadPool {
 public:
  using Work = std::function<void(Database&)>;
  /// Called on the reading thread.
  using Done = std::function<void(std::exception_ptr)>;

  /// REQUIRES: the file is there.
  ReadPool(const std::filesystem::path& file, int threads);
  /// Finishes what was posted.
  ~ReadPool();
  ReadPool(const ReadPool&) = delete;
  ReadPool& operator=(const ReadPool&) = delete;

  void post(Work work, Done done);

 private:
  struct Item {
    Work work;
    Done done;
  };
  void loop(Database& database);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> waiting_;
  bool stopping_ = false;
  std::deque<Database> connections_;
  std::vector<std::thread> threads_;
};

}  // namespace easel
