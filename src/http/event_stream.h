#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>

namespace easel {

/// One reader's events on their way out. A reader that is slow loses previews first; one that falls
/// too far behind is let go.
class EventStream {
 public:
  using Frame = std::shared_ptr<const std::string>;

  static constexpr std::size_t kMostBytes = 1 << 20;
  /// `most_bytes`: how far behind a reader may fall.
  explicit EventStream(std::size_t most_bytes = kMostBytes) : most_bytes_(most_bytes) {}

  /// Queues a frame. `droppable`: a preview.
  void push(Frame frame, bool droppable);
  /// No more frames follow.
  void end();
  /// All that waits, as one text; empty when nothing does.
  std::string take();
  bool empty() const { return waiting_.empty(); }
  bool finished() const { return ended_ && waiting_.empty(); }
  bool overflowed() const { return overflowed_; }

  std::function<void()> on_ready;   ///< there is something to take(), or it ended
  std::function<void()> on_closed;  ///< the reader went away

 private:
  std::size_t most_bytes_;
  std::deque<Frame> waiting_;
  std::size_t bytes_ = 0;
  bool ended_ = false;
  bool overflowed_ = false;
};

}  // namespace easel
