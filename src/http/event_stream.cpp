#include "http/event_stream.h"

#include <utility>

namespace easel {
namespace {

constexpr std::size_t kPreviewBytes = 256 << 10;

}  // namespace

void EventStream::push(Frame frame, bool droppable) {
  if (ended_) return;
  if (droppable && bytes_ > kPreviewBytes) return;
  bytes_ += frame->size();
  waiting_.push_back(std::move(frame));
  if (bytes_ > most_bytes_) {
    overflowed_ = true;
    ended_ = true;
  }
  if (on_ready) on_ready();
}

void EventStream::end() {
  ended_ = true;
  if (on_ready) on_ready();
}

std::string EventStream::take() {
  std::string text;
  text.reserve(bytes_);
  for (const Frame& frame : waiting_) text += *frame;
  waiting_.clear();
  bytes_ = 0;
  return text;
}

}  // namespace easel
