#include "server/app/event_hub.h"

#include <charconv>
#include <utility>

#include "store/ulid.h"

namespace easel::server {
namespace {

constexpr std::size_t kMostKept = 8192;
constexpr std::size_t kMostKeptBytes = 16 << 20;

bool concerns(const Subscription& wanted, const std::string& job) {
  return wanted.job.empty() || wanted.job == job;
}

}  // namespace

EventHub::EventHub() : boot_(new_ulid().substr(4, 12)) {}

EventHub::~EventHub() {
  for (const Reader& reader : readers_) reader.stream->on_closed = nullptr;
}

EventStream::Frame EventHub::frame(const std::string& name, const Json& data,
                                   std::uint64_t number) const {
  std::string text;
  if (number > 0) text += "id: " + boot_ + "-" + std::to_string(number) + "\n";
  text += "event: " + name + "\ndata: ";
  text += data.dump();
  text += "\n\n";
  return std::make_shared<const std::string>(std::move(text));
}

void EventHub::publish(const Event& event) {
  const std::uint64_t number = next_++;
  const auto text = frame(event.name, event.data, number);
  kept_.push_back({number, event.job, text, event.last});
  kept_bytes_ += text->size();
  while (kept_.size() > kMostKept || kept_bytes_ > kMostKeptBytes) {
    kept_bytes_ -= kept_.front().frame->size();
    kept_.pop_front();
  }
  // A stream that is pushed over its limit is let go while this loops: keep it alive meanwhile.
  const std::list<Reader> readers = readers_;
  for (const Reader& reader : readers) {
    if (!concerns(reader.wanted, event.job)) continue;
    reader.stream->push(text, false);
    if (event.last && reader.wanted.job == event.job) reader.stream->end();
  }
  for (const Listener& listener : listeners_) listener(event.job, event.name, event.data);
}

void EventHub::preview(const std::string& job, Json data) {
  const auto with_latents = data.contains("latents") ? frame("preview", data, 0) : nullptr;
  data.erase("latents");
  const auto without = frame("preview", data, 0);
  const std::list<Reader> readers = readers_;
  for (const Reader& reader : readers) {
    if (!reader.wanted.previews || !concerns(reader.wanted, job)) continue;
    reader.stream->push(reader.wanted.latents && with_latents ? with_latents : without, true);
  }
  for (const Listener& listener : listeners_) listener(job, "preview", data);
}

std::shared_ptr<void> EventHub::watch(const std::string& job, PreviewListener tell) {
  const Subscription wanted{.job = job, .previews = true, .last_id = {}};
  count_watchers(wanted, 1);
  watching_.push_back({job, std::move(tell)});
  return {this, [this, wanted, at = std::prev(watching_.end())](void*) {
            count_watchers(wanted, -1);
            watching_.erase(at);
          }};
}

void EventHub::tell_watchers(const std::string& job, const Preview& preview) {
  const std::list<Watching> watching = watching_;  // who is told may stop watching
  for (const Watching& one : watching) {
    if (one.job == job) one.tell(preview);
  }
}

std::optional<std::uint64_t> EventHub::number_in(const std::string& id) const {
  if (!id.starts_with(boot_ + "-")) return std::nullopt;
  const char* begin = id.data() + boot_.size() + 1;
  const char* end = id.data() + id.size();
  std::uint64_t number = 0;
  const auto [at, error] = std::from_chars(begin, end, number);
  if (error != std::errc() || at != end || number >= next_) return std::nullopt;
  return number;
}

bool EventHub::replay(const Subscription& wanted, EventStream& stream) const {
  const auto seen = number_in(wanted.last_id);
  if (!seen) return false;
  const std::uint64_t oldest = kept_.empty() ? next_ : kept_.front().number;
  if (*seen + 1 < oldest) return false;
  for (const Kept& event : kept_) {
    if (!concerns(wanted, event.job)) continue;
    if (event.number > *seen) stream.push(event.frame, false);
  }
  return true;
}

EventHub::Opening EventHub::subscribe(const Subscription& wanted,
                                      const std::vector<Event>& snapshot, bool finished) {
  auto stream = std::make_shared<EventStream>();
  if (!replay(wanted, *stream)) {
    for (const Event& event : snapshot) {
      stream->push(frame(event.name, event.data, next_ - 1), false);
    }
  } else if (finished && stream->empty()) {
    return {nullptr};
  }
  if (finished) {
    stream->end();
    return {stream};
  }
  readers_.push_back({wanted, stream});
  count_watchers(wanted, 1);
  const auto at = std::prev(readers_.end());
  stream->on_closed = [this, at] {
    count_watchers(at->wanted, -1);
    readers_.erase(at);
  };
  return {stream};
}

void EventHub::count_watchers(const Subscription& wanted, int by) {
  if (!wanted.previews) return;
  const std::lock_guard lock(watch_mutex_);
  Watchers& watchers = watchers_[wanted.job];
  watchers.previews += by;
  if (wanted.latents) watchers.latents += by;
  if (watchers.previews == 0) watchers_.erase(wanted.job);
}

EventHub::Watch EventHub::watched(const std::string& job) const {
  const std::lock_guard lock(watch_mutex_);
  Watch watch;
  for (const std::string& key : {std::string(), job}) {
    const auto found = watchers_.find(key);
    if (found == watchers_.end()) continue;
    watch.previews |= found->second.previews > 0;
    watch.latents |= found->second.latents > 0;
  }
  return watch;
}

void EventHub::close() {
  const std::list<Reader> readers = readers_;
  for (const Reader& reader : readers) reader.stream->end();
}

}  // namespace easel::server
