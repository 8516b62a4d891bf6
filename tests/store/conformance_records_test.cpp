#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <latch>

#include "conformance.h"
#include "core/error.h"
#include "store/sheets.h"

namespace easel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Transactions, and what is made of several tables.

TEST_P(Conformance, SheetsAreKeptNewestFirst) {
  const SheetRecord one{new_ulid(), "o", R"({"a":1})", 5};
  const SheetRecord two{new_ulid(), "p", "{}", 6};
  records.write_now([&](Transaction& t) {
    t.sheets().add(one);
    t.sheets().add(two);
  });
  records.read_now([&](const Transaction& t) {
    const auto found = t.sheets().find(one.id);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->owner, "o");
    EXPECT_EQ(found->request, R"({"a":1})");
    EXPECT_EQ(found->created, 5);
    EXPECT_EQ(t.sheets().newest(9).at(0).id, two.id);
    EXPECT_EQ(t.sheets().newest(1).size(), 1u);
    EXPECT_FALSE(t.sheets().find("unknown"));
  });
  records.write_now([&](Transaction& t) {
    EXPECT_TRUE(t.sheets().remove(one.id));
    EXPECT_FALSE(t.sheets().remove(one.id));
  });
}

TEST_P(Conformance, ATimingReplacesTheOneBefore) {
  records.write_now([](Transaction& t) {
    t.timings().put({"a|b", 0.1, 1.0 / 3, 1});
    t.timings().put({"c", 2, 3, 4});
    t.timings().put({"a|b", 0.5, 1.5, 2});
  });
  const auto all = records.read_now([](const Transaction& t) { return t.timings().all(); });
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].key, "a|b");
  EXPECT_EQ(all[0].step, 0.5);
  EXPECT_EQ(all[0].decode, 1.5);
  EXPECT_EQ(all[0].runs, 2);
}

class SheetOfThree {
 public:
  std::string id = new_ulid();
  SheetRecord sheet{id, "o", "{}", 1};
  std::vector<NewJob> cells;

  explicit SheetOfThree(NewJob cell) {
    cell.sheet = id;
    for (int at = 0; at < 3; ++at) {
      cell.cell = at;
      cells.push_back(cell);
    }
  }
};

TEST_P(Conformance, ASheetIsSubmittedOnceUnderItsKey) {
  const SheetOfThree first(job());
  const SheetOfThree again(job());
  const auto submit_under = [&](const SheetOfThree& of, const IdempotencyKey& key) {
    return records.write_now(
        [&](Transaction& t) { return submit_sheet(t, of.sheet, of.cells, key, {}); });
  };
  EXPECT_EQ(submit_under(first, {"k", "b"}).id, first.id);
  const SheetSubmission repeated = submit_under(again, {"k", "b"});
  EXPECT_EQ(repeated.outcome, Submission::Outcome::kReplayed);
  EXPECT_EQ(repeated.id, first.id);
  EXPECT_EQ(submit_under(again, {"k", "c"}).outcome, Submission::Outcome::kOtherBody);
  EXPECT_EQ(line().size(), 3u);
}

TEST_P(Conformance, ASheetThatDoesNotFitLeavesNothingBehind) {
  const SheetOfThree of(job());
  EXPECT_THROW(records.write_now([&](Transaction& t) {
    if (submit_sheet(t, of.sheet, of.cells, {"k", "b"}, {.total = 2}).outcome ==
        Submission::Outcome::kQueueFull) {
      fail(ErrorCode::kUsage, "full");
    }
  }),
               Error);
  EXPECT_THAT(line(), IsEmpty());
  EXPECT_FALSE(
      records.read_now([&](const Transaction& t) { return t.sheets().find(of.id).has_value(); }));
}

TEST_P(Conformance, ASheetIsStoppedAndResumed) {
  const SheetOfThree of(job());
  records.write_now([&](Transaction& t) { submit_sheet(t, of.sheet, of.cells, {}, {}); });
  const Lease done = claim();
  settle(done, Ending::kDone);
  const Lease running = claim();
  const auto cancelled = records.write_now([&](Transaction& t) { return cancel_sheet(t, of.id); });
  ASSERT_EQ(cancelled.size(), 2u);
  EXPECT_EQ(cancelled[0].second, JobState::kQueued);
  EXPECT_EQ(cancelled[1], std::pair(running.job, JobState::kRunning));
  EXPECT_TRUE(find(running.job)->cancel);
  settle(running, Ending::kCancelled);
  EXPECT_FALSE(
      records.write_now([&](Transaction& t) { return resume_sheet(t, of.id, {.total = 1}); }));
  EXPECT_THAT(line(), IsEmpty());
  EXPECT_TRUE(records.write_now([&](Transaction& t) { return resume_sheet(t, of.id, {}); }));
  EXPECT_EQ(line().size(), 2u);
  EXPECT_EQ(state(done.job), JobState::kDone);
}

TEST_P(Conformance, WorkThatThrowsIsUndoneAloneAmongThoseThatWaitTogether) {
  std::promise<void> gate;
  std::vector<std::atomic<bool>> failed(3);
  std::latch answered(3);
  // Holds the store, so that the three that follow wait together.
  records.write([&](Transaction&) { gate.get_future().wait(); }, nullptr);
  for (std::size_t i = 0; i < failed.size(); ++i) {
    records.write(
        [i](Transaction& t) {
          t.pictures().add({.id = std::to_string(i)});
          if (i == 1) fail(ErrorCode::kUsage, "no");
        },
        [&, i](std::exception_ptr error) {
          failed[i] = error != nullptr;
          answered.count_down();
        });
  }
  gate.set_value();
  answered.wait();
  EXPECT_FALSE(failed[0]);
  EXPECT_TRUE(failed[1]);
  EXPECT_FALSE(failed[2]);
  EXPECT_TRUE(picture("0"));
  EXPECT_FALSE(picture("1"));
  EXPECT_TRUE(picture("2"));
}

TEST_P(Conformance, WhatWorkThrowsIsToldToWhoeverWaits) {
  EXPECT_THROW(records.write_now([](Transaction&) { fail(ErrorCode::kUsage, "no"); }), Error);
  EXPECT_THROW(records.read_now([](const Transaction&) { fail(ErrorCode::kUsage, "no"); }), Error);
  EXPECT_TRUE(add({.id = "a"})) << "and the next work is done";
  EXPECT_TRUE(picture("a"));
}

TEST_P(Conformance, AReaderSeesOneStateHoweverMuchIsWritten) {
  add({.id = "a"});
  records.read_now([&](const Transaction& t) {
    EXPECT_EQ(t.pictures().count(), 1);
    std::thread([&] { add({.id = "b"}); }).join();
    EXPECT_EQ(t.pictures().count(), 1);
    EXPECT_FALSE(t.pictures().find("b"));
  });
  EXPECT_TRUE(picture("b")) << "who reads after the write was answered sees it";
}

TEST_P(Conformance, WhatWasWrittenIsThereAfterOpeningAgain) {
  const std::string id = submit(job());
  const std::string drawn = put("kept");
  const Lease lease = claim();
  store.reset();
  store = GetParam().open(folder.path());
  store->records().read_now([&](const Transaction& t) {
    EXPECT_EQ(t.jobs().find(id)->attempt, lease.attempt);
    EXPECT_EQ(t.pictures().find(drawn)->recipe.prompt, "kept");
  });
}

}  // namespace
}  // namespace easel
