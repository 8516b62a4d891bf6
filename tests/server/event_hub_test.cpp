#include "server/app/event_hub.h"

#include <gmock/gmock.h>

namespace easel::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> names_in(const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t at = 0; (at = text.find("event: ", at)) != std::string::npos;) {
    at += 7;
    names.push_back(text.substr(at, text.find('\n', at) - at));
  }
  return names;
}

std::string last_id_in(const std::string& text) {
  const std::size_t at = text.rfind("id: ") + 4;
  return text.substr(at, text.find('\n', at) - at);
}

TEST(Events, AReaderWhoComesBackMissesAndRepeatsNothing) {
  EventHub hub;
  const std::vector<EventHub::Event> snapshot = {{"j", "snapshot", Json::object()}};
  auto first = hub.subscribe({.job = "j"}, snapshot, false).stream;
  EXPECT_THAT(names_in(first->take()), ElementsAre("snapshot"));
  hub.publish({"j", "step", {{"step", 1}}});
  hub.publish({"other", "step", {{"step", 9}}});
  const std::string seen = first->take();
  EXPECT_THAT(names_in(seen), ElementsAre("step"));
  first->on_closed();
  hub.publish({"j", "step", {{"step", 2}}});
  hub.publish({"j", "picture", Json::object()});
  auto second = hub.subscribe({.job = "j", .last_id = last_id_in(seen)}, snapshot, false).stream;
  EXPECT_THAT(names_in(second->take()), ElementsAre("step", "picture"));
  hub.publish({"j", "done", Json::object(), true});
  const std::string end = second->take();
  EXPECT_THAT(names_in(end), ElementsAre("done"));
  EXPECT_TRUE(second->finished());
  EXPECT_EQ(hub.subscribe({.job = "j", .last_id = last_id_in(end)}, snapshot, true).stream, nullptr)
      << "it has seen the end: nothing more to come for";
}

TEST(Events, AnIdOfAnotherRunOrLongAgoGetsASnapshot) {
  EventHub hub;
  const std::vector<EventHub::Event> snapshot = {{"j", "snapshot", Json::object()}};
  hub.publish({"j", "step", {{"step", 0}}});
  auto reader = hub.subscribe({.job = "j"}, snapshot, false).stream;
  hub.publish({"j", "step", {{"step", 1}}});
  const std::string old = last_id_in(reader->take());
  for (int i = 0; i < 20'000; ++i) {
    hub.publish({"j", "step", {{"step", i}}});
    reader->take();
  }
  for (const std::string& id :
       {old, std::string("AAAAAAAAAAAA-1"), std::string("x"), old + "0000000", std::string("-")}) {
    const auto stream = hub.subscribe({.job = "j", .last_id = id}, snapshot, false).stream;
    EXPECT_THAT(names_in(stream->take()), ElementsAre("snapshot")) << id;
    stream->on_closed();
  }
}

TEST(Events, PreviewsGoOnlyToThoseWhoWatch) {
  EventHub hub;
  EXPECT_FALSE(hub.watched("j").previews);
  const auto blind = hub.subscribe({.job = "j"}, {}, false).stream;
  EXPECT_FALSE(hub.watched("j").previews);
  const auto watcher = hub.subscribe({.job = "j", .previews = true}, {}, false).stream;
  const auto curious = hub.subscribe({.previews = true, .latents = true}, {}, false).stream;
  EXPECT_TRUE(hub.watched("j").previews && hub.watched("j").latents);
  EXPECT_TRUE(hub.watched("k").previews) << "one reader watches all";
  hub.preview("j", {{"job", "j"}, {"pictures", {"p"}}, {"latents", {"secret"}}});
  EXPECT_THAT(blind->take(), IsEmpty());
  EXPECT_THAT(watcher->take(), Not(HasSubstr("secret")));
  EXPECT_THAT(curious->take(), HasSubstr("secret"));
  watcher->on_closed();
  curious->on_closed();
  EXPECT_FALSE(hub.watched("j").previews);
}

TEST(Events, ASlowReaderLosesPreviewsFirstAndThenItsPlace) {
  EventStream stream;
  const auto frame = std::make_shared<const std::string>(100'000, 'x');
  for (int i = 0; i < 10; ++i) stream.push(frame, true);
  EXPECT_FALSE(stream.overflowed());
  EXPECT_LT(stream.take().size(), 500'000u);
  for (int i = 0; i < 20; ++i) stream.push(frame, false);
  EXPECT_TRUE(stream.overflowed());
}

}  // namespace
}  // namespace easel::server
