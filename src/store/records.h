#pragma once

#include <exception>
#include <functional>
#include <type_traits>

#include "store/tables.h"

namespace easel {

/// All tables while one piece of work is done with them: it happens as a whole or not at all, and
/// sees nothing of what others do meanwhile. A const one reads.
///
/// Thread rule: only inside the work that it was given to.
class Transaction {
 public:
  Transaction(JobTable& jobs, PictureTable& pictures, SheetTable& sheets, TimingTable& timings)
      : jobs_(jobs), pictures_(pictures), sheets_(sheets), timings_(timings) {}

  JobTable& jobs() { return jobs_; }
  PictureTable& pictures() { return pictures_; }
  SheetTable& sheets() { return sheets_; }
  TimingTable& timings() { return timings_; }
  const JobTable& jobs() const { return jobs_; }
  const PictureTable& pictures() const { return pictures_; }
  const SheetTable& sheets() const { return sheets_; }
  const TimingTable& timings() const { return timings_; }

 private:
  JobTable& jobs_;
  PictureTable& pictures_;
  SheetTable& sheets_;
  TimingTable& timings_;
};

/// The durable record of jobs, pictures, sheets and timings. Another database is another
/// implementation, in a folder of its own, and a line in store/open; it has to pass the conformance
/// suite (tests/store/conformance.h).
///
/// Work may be done again from its beginning where a database asks for it, so it changes nothing
/// but the tables and what it returns. Work that throws is undone, and what it threw is told.
///
/// Thread rule: any thread.
class Records {
 public:
  using Write = std::function<void(Transaction&)>;
  using Read = std::function<void(const Transaction&)>;
  /// Called on one of the store's threads: null when the work is done (and, if it wrote, is on the
  /// disk), or why it is not. It neither throws nor waits.
  using Done = std::function<void(std::exception_ptr)>;

  /// Finishes what was asked for.
  virtual ~Records() = default;

  virtual void write(Write work, Done done) = 0;
  /// Reads that wait for each other's disk or network share a few threads, and no others.
  virtual void read(Read work, Done done) = 0;

  /// The same, waiting; they return what the work returns and throw what it throws. Never on a
  /// thread of the store, nor on one that answers requests.
  template <typename Work>
  auto write_now(Work&& work) {
    using Result = std::invoke_result_t<Work, Transaction&>;
    return waited<Result>([&](auto run) { write_waiting(run); }, work);
  }
  template <typename Work>
  auto read_now(Work&& work) {
    using Result = std::invoke_result_t<Work, const Transaction&>;
    return waited<Result>([&](auto run) { read_waiting(run); }, work);
  }

 private:
  void write_waiting(const Write& work);
  void read_waiting(const Read& work);

  template <typename Result, typename How, typename Work>
  static Result waited(How how, Work& work) {
    if constexpr (std::is_void_v<Result>) {
      how([&](auto& transaction) { work(transaction); });
    } else {
      Result result{};
      how([&](auto& transaction) { result = work(transaction); });
      return result;
    }
  }
};

}  // namespace easel
