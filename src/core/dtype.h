#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace easel {

/// Element types found in model files.
enum class DType {
  kF32,
  kF16,
  kBF16,
  kF64,
  kF8E4M3,  ///< one sign, four exponent, three mantissa bits; no infinity ("fn")
  kF8E5M2,  ///< the upper half of a half
  kI64,
  kI32,
  kI16,
  kI8,
  kU8,
  kBool
};

/// Bytes of one element.
std::size_t size_of(DType dtype);

/// safetensors' name: "F32", "BF16", "I64", "BOOL" ….
std::string_view name_of(DType dtype);

/// IEEE half <-> float, round to nearest even; NaN stays NaN, overflow becomes infinity.
float half_to_float(std::uint16_t bits);
std::uint16_t float_to_half(float value);

/// bfloat16 is the upper half of a float; round to nearest even.
float bfloat16_to_float(std::uint16_t bits);
std::uint16_t float_to_bfloat16(float value);

/// 8-bit floats (Micikevicius et al. 2022, "FP8 formats for deep learning").
float e4m3_to_float(std::uint8_t bits);
float e5m2_to_float(std::uint8_t bits);

/// Converts `out.size()` little-endian elements of `dtype` at `bytes` to float.
/// REQUIRES: `bytes` holds out.size() * size_of(dtype) bytes (no alignment needed).
void convert_to_float(DType dtype, const std::byte* bytes, std::span<float> out);

}  // namespace easel
