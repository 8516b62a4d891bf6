#pragma once

#include <array>
#include <csetjmp>
#include <cstdio>

// libjpeg's headers need this order.
// clang-format off
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

namespace easel::formats {

/// libjpeg reports errors by longjmp. Everything it is called from keeps its objects in a struct
/// that outlives the jump, so that none is skipped or leaked.
struct JpegErrors {
  jpeg_error_mgr manager;  // first: libjpeg knows this object by its address
  jmp_buf jump;
  std::array<char, JMSG_LENGTH_MAX> message{};
  int code = 0;
  bool end_is_missing = false;
};

/// Errors, and warnings of lost pixels, jump.
jpeg_error_mgr* prepare(JpegErrors& errors);

}  // namespace easel::formats
