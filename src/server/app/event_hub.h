#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "http/event_stream.h"
#include "http/problem.h"
#include "work/event_sink.h"

namespace easel::server {

/// What a reader wants to hear of.
struct Subscription {
  std::string job;  ///< empty: all jobs, the gallery and the queue
  bool previews = false;
  bool latents = false;
  std::string last_id;  ///< the last event it has; empty: none
};

/// Tells readers what happens, and remembers the last some thousands of events for those who come
/// back.
class EventHub {
 public:
  /// Told to whoever listens inside the program.
  using Listener =
      std::function<void(const std::string& job, const std::string& name, const Json& data)>;

  EventHub();
  ~EventHub();
  EventHub(const EventHub&) = delete;
  EventHub& operator=(const EventHub&) = delete;

  /// `job` empty: for readers of everything only. `last`: nothing more comes of this job.
  struct Event {
    std::string job;
    std::string name;
    Json data;
    bool last = false;
  };
  void publish(const Event& event);

  /// A preview is told to those who watch and forgotten; `latents` are left out for those who did
  /// not ask for them.
  void preview(const std::string& job, Json data);

  using PreviewListener = std::function<void(const Preview&)>;
  /// Has previews of the job made, and `tell` called with each, until what it returns is let go.
  [[nodiscard]] std::shared_ptr<void> watch(const std::string& job, PreviewListener tell);
  void tell_watchers(const std::string& job, const Preview& preview);

  /// A stream that starts with what the reader missed. When that is not known any more, or it is
  /// new, `snapshot` says how things stand; `finished` ends the stream of a job that has ended.
  struct Opening {
    std::shared_ptr<EventStream> stream;  ///< null: it has seen the end already
  };
  Opening subscribe(const Subscription& wanted, const std::vector<Event>& snapshot, bool finished);

  /// Whether anyone watches previews of the job, and their latents. From any thread.
  struct Watch {
    bool previews = false;
    bool latents = false;
  };
  Watch watched(const std::string& job) const;

  void listen(Listener listener) { listeners_.push_back(std::move(listener)); }
  /// Ends all streams.
  void close();

 private:
  struct Reader {
    Subscription wanted;
    std::shared_ptr<EventStream> stream;
  };
  struct Watching {
    std::string job;
    PreviewListener tell;
  };
  struct Kept {
    std::uint64_t number = 0;
    std::string job;
    EventStream::Frame frame;
    bool last = false;
  };
  EventStream::Frame frame(const std::string& name, const Json& data, std::uint64_t number) const;
  bool replay(const Subscription& wanted, EventStream& stream) const;
  std::optional<std::uint64_t> number_in(const std::string& id) const;
  void count_watchers(const Subscription& wanted, int by);

  std::string boot_;  // part of the ids: numbers of an earlier run mean nothing now
  std::uint64_t next_ = 1;
  std::deque<Kept> kept_;
  std::size_t kept_bytes_ = 0;
  std::list<Reader> readers_;
  std::vector<Listener> listeners_;
  std::list<Watching> watching_;

  struct Watchers {
    int previews = 0;
    int latents = 0;
  };
  mutable std::mutex watch_mutex_;
  std::map<std::string, Watchers> watchers_;  // by job; "" for those who watch all
};

}  // namespace easel::server
