#include "image/jpeg_errors.h"

#include <csetjmp>

namespace easel::formats {
namespace {

[[noreturn]] void on_error(j_common_ptr info) {
  auto* state = reinterpret_cast<JpegErrors*>(info->err);
  info->err->format_message(info, state->message.data());
  state->code = info->err->msg_code;
  std::longjmp(state->jump, 1);
}

// Lost pixels are only a warning to libjpeg, which fills in gray; here they are an error. What
// costs no pixel, and many cameras and programs write, is let pass: junk between markers, odd
// versions and scan parameters, a profile that is broken, no end marker (whether all scans had come
// is looked at afterwards; a scan that is cut short itself is JWRN_HIT_MARKER).
void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  auto* state = reinterpret_cast<JpegErrors*>(info->err);
  switch (info->err->msg_code) {
    case JWRN_JPEG_EOF:
      state->end_is_missing = true;
      return;
    case JWRN_NOT_SEQUENTIAL:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_BOGUS_ICC:
      return;
    default:
      on_error(info);
  }
}

}  // namespace

jpeg_error_mgr* prepare(JpegErrors& state) {
  jpeg_std_error(&state.manager);
  state.manager.error_exit = on_error;
  state.manager.emit_message = on_message;
  state.manager.output_message = [](j_common_ptr) {};
  return &state.manager;
}

}  // namespace easel::formats
