#include "server/api/own/picture_query.h"

#include <charconv>
#include <chrono>
#include <cstdio>

#include "core/json_fields.h"
#include "server/api/own/submit.h"
#include "server/app/views.h"

namespace easel::server {
namespace {

// "SEQ", or "RATING.SEQ" among the best.
void read_cursor(Fields& fields, PictureFilter& filter) {
  const std::string text = fields.text("before", "", {.least = 0, .most = 30});
  if (text.empty()) return;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  bool sound = true;
  if (filter.order == PictureOrder::kBest) {
    const auto [stop, error] = std::from_chars(at, end, filter.before_rating);
    sound = error == std::errc() && stop != end && *stop == '.';
    if (sound) at = stop + 1;
  }
  const auto [stop, error] = std::from_chars(at, end, filter.before);
  if (sound && error == std::errc() && stop == end && filter.before >= 1) return;
  fields.fault("before", "what `next` of a page was", "is no cursor");
}

// Milliseconds since 1970 of "2026-11-28" or "2026-11-28T08:30:00Z", with a fraction or without.
std::optional<std::int64_t> time_in(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, used = 0;
  double second = 0;
  const auto whole = [&] { return static_cast<std::size_t>(used) == text.size(); };
  const bool is_day =
      std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &used) == 3 && whole();
  const bool is_time = !is_day &&
                       std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%lfZ%n", &year, &month, &day,
                                   &hour, &minute, &second, &used) == 6 &&
                       whole();
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(year), std::chrono::month(unsigned(month)),
                            std::chrono::day(unsigned(day))};
  if (!(is_day || is_time) || !date.ok() || hour > 23 || minute > 59 || !(second < 60)) {
    return std::nullopt;
  }
  const auto time = sys_days(date) + hours(hour) + minutes(minute);
  return duration_cast<milliseconds>(time.time_since_epoch()).count() +
         static_cast<std::int64_t>(second * 1000);
}

std::int64_t read_time(Fields& fields, const char* name) {
  const std::string text = fields.text(name, "", {.least = 0, .most = 40});
  if (text.empty()) return 0;
  const auto time = time_in(text);
  if (time && *time > 0) return *time;
  fields.fault(name, "2026-11-28 or 2026-11-28T08:30:00Z",
               "is " + shown(text) + ", which is no time");
  return 0;
}

PictureOrder read_order(Fields& fields) {
  const std::string name = fields.text("sort", "newest", {.least = 0, .most = 20});
  if (name == "oldest") return PictureOrder::kOldest;
  if (name == "best") return PictureOrder::kBest;
  if (name != "newest") {
    fields.fault("sort", "newest, oldest, best", "is " + shown(name) + ", which is no order");
  }
  return PictureOrder::kNewest;
}

}  // namespace

PictureFilter picture_filter_in(const HttpRequest& request) {
  const Json query = query_object(request);
  Fields fields(query, {.refuse_unknown = true, .from_text = true});
  PictureFilter filter;
  filter.words = fields.text("q", "", {.least = 0, .most = 400});
  filter.model = fields.text("model", "", {.least = 0, .most = 200});
  filter.style = fields.text("style", "", {.least = 0, .most = 200});
  filter.subject = fields.text("subject", "", {.least = 0, .most = 200});
  filter.job = fields.text("job", "", {.least = 0, .most = 100});
  filter.tag = fields.text("tag", "", {.least = 0, .most = 100});
  filter.rating = static_cast<int>(fields.integer("rating", 0, 0, kMostStars));
  filter.since = read_time(fields, "since");
  filter.until = read_time(fields, "until");
  filter.seed = fields.seed("seed");
  filter.favourites = fields.flag("favourite", false);
  filter.deleted = fields.flag("deleted", false);
  filter.studies = fields.flag("studies", false);
  filter.order = read_order(fields);
  read_cursor(fields, filter);
  filter.limit = static_cast<int>(fields.integer("limit", 50, 1, 200)) + 1;
  fields.finish();
  return filter;
}

Json picture_page(const PictureFilter& filter, std::vector<PictureRecord> pictures) {
  Json next = nullptr;
  if (static_cast<int>(pictures.size()) == filter.limit) {
    pictures.pop_back();
    const PictureRecord& last = pictures.back();
    next = std::to_string(last.seq);
    if (filter.order == PictureOrder::kBest) next = std::to_string(last.rating) + "." + next.text();
  }
  Json items = Json::array();
  for (const PictureRecord& picture : pictures) items.push_back(to_json(picture));
  return {{"items", std::move(items)}, {"next", next}};
}

}  // namespace easel::server
