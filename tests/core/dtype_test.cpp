#include "core/dtype.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

namespace easel {
namespace {

// IEEE 754 read literally: sign, 5 bits of exponent, 10 of mantissa.
double value_of_half(int bits) {
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  const int exponent = (bits >> 10) & 31;
  const int mantissa = bits & 1023;
  if (exponent == 31) return mantissa == 0 ? sign * INFINITY : NAN;
  if (exponent == 0) return sign * std::ldexp(mantissa, -24);
  return sign * std::ldexp(1024 + mantissa, exponent - 25);
}

bool is_nan_half(int bits) { return (bits & 0x7fff) > 0x7c00; }

TEST(Half, EveryPatternBecomesItsValue) {
  for (int bits = 0; bits < 65536; ++bits) {
    const double expected = value_of_half(bits);
    const float actual = half_to_float(static_cast<std::uint16_t>(bits));
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(actual)) << bits;
    } else {
      ASSERT_EQ(actual, static_cast<float>(expected)) << bits;
      ASSERT_EQ(std::signbit(actual), (bits & 0x8000) != 0) << bits;
    }
  }
}

TEST(Half, EveryPatternSurvivesTheRoundTrip) {
  for (int bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const std::uint16_t back = float_to_half(half_to_float(half));
    if (is_nan_half(bits)) {
      ASSERT_TRUE(is_nan_half(back)) << bits;
    } else {
      ASSERT_EQ(back, half);
    }
  }
}

// Between every two neighbouring halves: the middle goes to the even one, and the floats beside the
// middle to the nearer one.
TEST(Half, RoundsToNearestEven) {
  for (int bits = 0; bits < 0x7c00; ++bits) {
    const double low = value_of_half(bits);
    const double high = bits + 1 == 0x7c00 ? 65536.0 : value_of_half(bits + 1);
    const auto middle = static_cast<float>((low + high) / 2);
    ASSERT_EQ(float_to_half(middle), bits % 2 == 0 ? bits : bits + 1) << bits;
    ASSERT_EQ(float_to_half(std::nextafter(middle, 0.0f)), bits) << bits;
    ASSERT_EQ(float_to_half(std::nextafter(middle, 1e9f)), bits + 1) << bits;
    ASSERT_EQ(float_to_half(-middle), 0x8000 | (bits % 2 == 0 ? bits : bits + 1)) << bits;
  }
}

TEST(Half, OverflowBecomesInfinityAndNanStaysNan) {
  EXPECT_EQ(float_to_half(65519.996f), 0x7bff);
  EXPECT_EQ(float_to_half(65520.0f), 0x7c00);
  EXPECT_EQ(float_to_half(-1e30f), 0xfc00);
  EXPECT_EQ(float_to_half(std::numeric_limits<float>::infinity()), 0x7c00);
  EXPECT_TRUE(is_nan_half(float_to_half(std::numeric_limits<float>::quiet_NaN())));
  EXPECT_TRUE(is_nan_half(float_to_half(std::bit_cast<float>(0x7f800001u))));
}

TEST(BFloat16, EveryPatternSurvivesTheRoundTrip) {
  for (int bits = 0; bits < 65536; ++bits) {
    const auto value = static_cast<std::uint16_t>(bits);
    const float wide = bfloat16_to_float(value);
    if (std::isnan(wide)) {
      ASSERT_TRUE(std::isnan(bfloat16_to_float(float_to_bfloat16(wide)))) << bits;
    } else {
      ASSERT_EQ(float_to_bfloat16(wide), value);
    }
  }
}

TEST(BFloat16, RoundsToNearestEven) {
  for (std::uint32_t bits = 0; bits < 0x7f80; ++bits) {
    const std::uint32_t middle = (bits << 16) | 0x8000u;
    ASSERT_EQ(float_to_bfloat16(std::bit_cast<float>(middle)), bits % 2 == 0 ? bits : bits + 1);
    ASSERT_EQ(float_to_bfloat16(std::bit_cast<float>(middle - 1)), bits);
    ASSERT_EQ(float_to_bfloat16(std::bit_cast<float>(middle + 1)), bits + 1);
  }
}

template <typename T>
void expect_converted(DType dtype, const std::vector<T>& stored,
                      const std::vector<float>& expected) {
  ASSERT_EQ(size_of(dtype), sizeof(T));
  // One byte in, so that nothing is aligned.
  const auto stored_bytes = std::as_bytes(std::span(stored));
  std::vector<std::byte> bytes{std::byte{0}};
  bytes.insert(bytes.end(), stored_bytes.begin(), stored_bytes.end());
  std::vector<float> out(stored.size());
  convert_to_float(dtype, bytes.data() + 1, out);
  EXPECT_EQ(out, expected) << name_of(dtype);
}

TEST(ConvertToFloat, ReadsEveryTypeUnaligned) {
  expect_converted<float>(DType::kF32, {1.5f, -2.0f}, {1.5f, -2.0f});
  expect_converted<std::uint16_t>(DType::kF16, {0x3e00, 0xc000}, {1.5f, -2.0f});
  expect_converted<std::uint16_t>(DType::kBF16, {0x3fc0, 0xc000}, {1.5f, -2.0f});
  expect_converted<double>(DType::kF64, {1.5, -2.0}, {1.5f, -2.0f});
  expect_converted<std::int64_t>(DType::kI64, {3, -4}, {3.0f, -4.0f});
  expect_converted<std::int32_t>(DType::kI32, {3, -4}, {3.0f, -4.0f});
  expect_converted<std::int16_t>(DType::kI16, {3, -4}, {3.0f, -4.0f});
  expect_converted<std::int8_t>(DType::kI8, {3, -4}, {3.0f, -4.0f});
  expect_converted<std::uint8_t>(DType::kU8, {3, 255}, {3.0f, 255.0f});
  expect_converted<std::uint8_t>(DType::kBool, {0, 1}, {0.0f, 1.0f});
}

// Every value of either 8-bit format against what its definition says.
TEST(DType, EightBitFloatsAreWhatTheirBitsSay) {
  for (int bits = 0; bits < 256; ++bits) {
    const int exponent = bits >> 3 & 15, mantissa = bits & 7;
    const double magnitude =
        exponent == 0 ? std::ldexp(mantissa, -9) : std::ldexp(8 + mantissa, exponent - 10);
    const float value = e4m3_to_float(static_cast<std::uint8_t>(bits));
    if ((bits & 0x7f) == 0x7f) {
      EXPECT_TRUE(std::isnan(value));
    } else {
      EXPECT_EQ(value, static_cast<float>(bits < 128 ? magnitude : -magnitude)) << bits;
    }
    const float wide = e5m2_to_float(static_cast<std::uint8_t>(bits));
    const float half = half_to_float(static_cast<std::uint16_t>(bits << 8));
    EXPECT_TRUE(wide == half || (std::isnan(wide) && std::isnan(half))) << bits;
  }
}

}  // namespace
}  // namespace easel
