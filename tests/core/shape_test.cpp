#include "core/shape.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "core/error.h"

namespace easel {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

ErrorCode code_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "no error";
  return ErrorCode::kCancelled;
}

TEST(Shape, CountsItsElements) {
  EXPECT_EQ(Shape().elements(), 1);
  EXPECT_EQ((Shape{2, 3, 4}).elements(), 24);
  EXPECT_EQ((Shape{2, 0, 4}).elements(), 0);
  EXPECT_EQ((Shape{kMax}).elements(), kMax);
}

TEST(Shape, RefusesAProductBeyond63Bits) {
  EXPECT_EQ(code_of([] { (Shape{kMax, 2}).elements(); }), ErrorCode::kInvalidFile);
  EXPECT_EQ(code_of([] {
              (Shape{std::int64_t{1} << 32, std::int64_t{1} << 31}).elements();
            }),
            ErrorCode::kInvalidFile);
}

TEST(Shape, RefusesNegativeSizesAndTooManyOfThem) {
  const std::vector<std::int64_t> negative{2, -1};
  const std::vector<std::int64_t> nine(9, 1);
  const std::vector<std::int64_t> eight(8, 1);
  EXPECT_EQ(code_of([&] { Shape shape{std::span(negative)}; }), ErrorCode::kInvalidFile);
  EXPECT_EQ(code_of([&] { Shape shape{std::span(nine)}; }), ErrorCode::kInvalidFile);
  EXPECT_EQ(Shape(std::span(eight)).rank(), 8);
}

TEST(Shape, ComparesRankAndSizes) {
  EXPECT_EQ((Shape{2, 3}), (Shape{2, 3}));
  EXPECT_NE((Shape{2, 3}), (Shape{3, 2}));
  EXPECT_NE((Shape{2, 3}), (Shape{2, 3, 1}));
  EXPECT_NE(Shape(), (Shape{1}));
}

TEST(Shape, WritesItselfAsAList) {
  EXPECT_EQ((Shape{2, 64, 320}).text(), "[2, 64, 320]");
  EXPECT_EQ(Shape().text(), "[]");
}

}  // namespace
}  // namespace easel
