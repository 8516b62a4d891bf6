#include "core/dtype.h"

#include <bit>
#include <cstring>

namespace easel {

std::size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::kF64:
    case DType::kI64:
      return 8;
    case DType::kF32:
    case DType::kI32:
      return 4;
    case DType::kF16:
    case DType::kBF16:
    case DType::kI16:
      return 2;
    case DType::kF8E4M3:
    case DType::kF8E5M2:
    case DType::kI8:
    case DType::kU8:
    case DType::kBool:
      return 1;
  }
  return 0;
}

std::string_view name_of(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return "F32";
    case DType::kF16:
      return "F16";
    case DType::kBF16:
      return "BF16";
    case DType::kF64:
      return "F64";
    case DType::kF8E4M3:
      return "F8_E4M3";
    case DType::kF8E5M2:
      return "F8_E5M2";
    case DType::kI64:
      return "I64";
    case DType::kI32:
      return "I32";
    case DType::kI16:
      return "I16";
    case DType::kI8:
      return "I8";
    case DType::kU8:
      return "U8";
    case DType::kBool:
      return "BOOL";
  }
  return "?";
}

// Without branches, so that loops over it become vectors.
float half_to_float(std::uint16_t bits) {
  constexpr std::uint32_t kRebias = (127 - 15) << 23;
  constexpr std::uint32_t kSmallest = (127 - 14) << 23;  // 2^-14, the smallest normal half
  const std::uint32_t shifted = (bits & 0x7fffu) << 13;
  const std::uint32_t exponent = shifted & 0x0f800000u;
  const std::uint32_t normal = shifted + kRebias;
  const std::uint32_t infinite = normal + kRebias;  // or not a number
  // Zero or subnormal: (1 + mantissa / 1024) * 2^-14, less 2^-14. Exact.
  const std::uint32_t subnormal = std::bit_cast<std::uint32_t>(
      std::bit_cast<float>(shifted + kSmallest) - std::bit_cast<float>(kSmallest));
  const std::uint32_t finite = exponent == 0 ? subnormal : normal;
  const std::uint32_t magnitude = exponent == 0x0f800000u ? infinite : finite;
  return std::bit_cast<float>(magnitude | static_cast<std::uint32_t>(bits & 0x8000u) << 16);
}

std::uint16_t float_to_half(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000u;
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return static_cast<std::uint16_t>(sign | 0x7e00u);
  if (magnitude >= 0x477ff000u) return static_cast<std::uint16_t>(sign | 0x7c00u);  // >= 65520
  if (magnitude < 0x38800000u) {
    // Below 2^-14: adding 0.5 leaves the half's subnormal bits, rounded to even, in the mantissa.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3f000000u));
  }
  const std::uint32_t odd = (magnitude >> 13) & 1u;
  return static_cast<std::uint16_t>(sign | ((magnitude - 0x38000000u + 0xfffu + odd) >> 13));
}

float bfloat16_to_float(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

std::uint16_t float_to_bfloat16(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<std::uint16_t>((bits >> 16) | 0x40u);
  return static_cast<std::uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

float e4m3_to_float(std::uint8_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x80u) << 24;
  const std::uint32_t magnitude = bits & 0x7fu;
  if (magnitude == 0x7fu) return std::bit_cast<float>(sign | 0x7fc00000u);
  // Read as if the exponent were a float's, too small by 2^120; exact also where it is subnormal.
  const float small = std::bit_cast<float>(magnitude << 20);
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(small * 0x1p120f));
}

float e5m2_to_float(std::uint8_t bits) {
  return half_to_float(static_cast<std::uint16_t>(bits << 8));
}

namespace {

template <typename T, typename Convert>
void convert_each(const std::byte* bytes, std::span<float> out, Convert convert) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    T value;
    std::memcpy(&value, bytes + i * sizeof(T), sizeof(T));
    out[i] = convert(value);
  }
}

template <typename T>
void convert_numbers(const std::byte* bytes, std::span<float> out) {
  convert_each<T>(bytes, out, [](T value) { return static_cast<float>(value); });
}

}  // namespace

void convert_to_float(DType dtype, const std::byte* bytes, std::span<float> out) {
  switch (dtype) {
    case DType::kF32:
      if (!out.empty()) std::memcpy(out.data(), bytes, out.size_bytes());
      return;
    case DType::kF16:
      return convert_each<std::uint16_t>(bytes, out, half_to_float);
    case DType::kBF16:
      return convert_each<std::uint16_t>(bytes, out, bfloat16_to_float);
    case DType::kF64:
      return convert_numbers<double>(bytes, out);
    case DType::kF8E4M3:
      return convert_each<std::uint8_t>(bytes, out, e4m3_to_float);
    case DType::kF8E5M2:
      return convert_each<std::uint8_t>(bytes, out, e5m2_to_float);
    case DType::kI64:
      return convert_numbers<std::int64_t>(bytes, out);
    case DType::kI32:
      return convert_numbers<std::int32_t>(bytes, out);
    case DType::kI16:
      return convert_numbers<std::int16_t>(bytes, out);
    case DType::kI8:
      return convert_numbers<std::int8_t>(bytes, out);
    case DType::kU8:
    case DType::kBool:
      return convert_numbers<std::uint8_t>(bytes, out);
  }
}

}  // namespace easel
