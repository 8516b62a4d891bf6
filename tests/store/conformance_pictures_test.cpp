#include <gmock/gmock.h>

#include <algorithm>

#include "conformance.h"
#include "recipe/recipes.h"
#include "store/ulid.h"

namespace easel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

PictureRecord shelved(const std::string& model, std::uint64_t seed, const std::string& style,
                      const std::string& subject = "", bool favourite = false) {
  PictureRecord record;
  record.recipe.model.name = model;
  record.recipe.seed.seed = seed;
  record.recipe.labels = {.subject = subject, .style = style};
  record.favourite = favourite;
  return record;
}

TEST_P(Conformance, ARecordComesBackAsItWas) {
  PictureRecord record{.id = new_ulid(),
                       .job = "j",
                       .index = 3,
                       .created = 77,
                       .width = 2,
                       .height = 3,
                       .bytes = 4,
                       .parent = "q",
                       .recipe = testing::full_recipe(),
                       .hash = "of it",
                       .listed = false,
                       .favourite = true,
                       .rating = 4,
                       .tags = {"a \"b\"", "ü"}};
  record.recipe.prompt = "pümpel\n'\"";
  record.recipe.seed.seed = ~std::uint64_t{0};
  record.recipe.seed.variation->seed = 1ull << 63;
  diffusion_of(record.recipe).eta = 1.0 / 3;
  ASSERT_TRUE(add(record));
  const auto found = picture(record.id);
  ASSERT_TRUE(found);
  EXPECT_GT(found->seq, 0);
  record.seq = found->seq;
  EXPECT_EQ(*found, record);
  record = {.id = new_ulid(), .created = 1};
  ASSERT_TRUE(add(record));
  record.seq = found->seq + 1;
  EXPECT_EQ(picture(record.id), record) << "what it does not say stays unsaid";
}

TEST_P(Conformance, APlaceOfAJobIsTakenOnce) {
  EXPECT_TRUE(add({.id = "a", .job = "j", .index = 0}));
  EXPECT_FALSE(add({.id = "b", .job = "j", .index = 0}));
  EXPECT_FALSE(add({.id = "a", .job = "j", .index = 1}));
  EXPECT_TRUE(add({.id = "c"}));
  EXPECT_TRUE(add({.id = "d"}));
}

TEST_P(Conformance, PagesByKeyMissAndRepeatNothing) {
  std::vector<std::string> added;
  for (int i = 0; i < 25; ++i) added.push_back(put("x"));
  std::vector<std::string> seen;
  PictureFilter filter{.limit = 4};
  for (;;) {
    const auto page = list(filter);
    if (page.empty()) break;
    for (const PictureRecord& picture : page) seen.push_back(picture.id);
    filter.before = page.back().seq;
    put("newer ones do not disturb");
  }
  std::reverse(added.begin(), added.end());
  EXPECT_EQ(seen, added);
}

TEST_P(Conformance, WordsAreFoundInAnyOrderCaseAndAccent) {
  const std::string cat = put("A cat wearing sunglasses", shelved("", 0, "Dalí (1929)"));
  const std::string dog = put("dog and CAT, Élodie");
  EXPECT_THAT(words("cat"), ElementsAre(dog, cat));
  EXPECT_THAT(words("CAT elodie"), ElementsAre(dog));
  EXPECT_THAT(words("sunglasses cat"), ElementsAre(cat));
  EXPECT_THAT(words("dali"), ElementsAre(cat));
  EXPECT_THAT(words("sungl"), ElementsAre(cat)) << "the last word may be unfinished";
  EXPECT_THAT(words("sungl cat"), IsEmpty()) << "but no other";
  EXPECT_THAT(words("horse"), IsEmpty());
}

TEST_P(Conformance, TheLanguageOfFullTextSearchIsNotSpoken) {
  put("plain");
  for (const char* text : {"\"", "*", "plain AND", "NOT plain", "prompt:plain", "(plain", "^plain",
                           "plain OR x", "NEAR(plain, 2)", "-plain", "a\"b", "\xff", "plain*x"}) {
    EXPECT_NO_THROW(words(text)) << text;
  }
  EXPECT_THAT(words("plain OR x"), IsEmpty());
  EXPECT_THAT(words("\"\""), IsEmpty());
}

TEST_P(Conformance, FiltersAreExactAndCombine) {
  const std::string a = put("one", shelved("m1", 0, "s1", "", true));
  const std::string b = put("one", shelved("m2", 9, "s1"));
  EXPECT_THAT(ids({.model = "m1"}), ElementsAre(a));
  EXPECT_THAT(ids({.style = "s1"}), ElementsAre(b, a));
  EXPECT_THAT(ids({.style = "s"}), IsEmpty());
  EXPECT_THAT(ids({.words = "one", .model = "m2", .style = "s1"}), ElementsAre(b));
  EXPECT_THAT(ids({.seed = 9}), ElementsAre(b));
  EXPECT_THAT(ids({.favourites = true}), ElementsAre(a));
}

TEST_P(Conformance, DeletedPicturesAreApartUntilPurged) {
  const std::string id = put("x");
  const auto count = [&] {
    return records.read_now([](const Transaction& t) { return t.pictures().count(); });
  };
  const auto deleted_before = [&](std::int64_t when) {
    return records.read_now(
        [&](const Transaction& t) { return t.pictures().deleted_before(when, 9); });
  };
  const auto purge = [&] {
    return records.write_now([&](Transaction& t) { return t.pictures().purge(id); });
  };
  EXPECT_EQ(count(), 1);
  records.write_now([&](Transaction& t) { t.pictures().set_deleted(id, 100); });
  EXPECT_EQ(count(), 0);
  EXPECT_THAT(words("x"), IsEmpty());
  EXPECT_THAT(ids({.deleted = true}), ElementsAre(id));
  EXPECT_THAT(deleted_before(100), IsEmpty());
  EXPECT_THAT(deleted_before(101), ElementsAre(id));
  EXPECT_TRUE(purge());
  EXPECT_FALSE(purge());
  EXPECT_FALSE(picture(id));
  EXPECT_THAT(ids({.deleted = true}), IsEmpty());
}

TEST_P(Conformance, AMinusBeforeAWordIsANo) {
  const std::string cat = put("a cat on a steam-engine");
  const std::string dog = put("a dog");
  EXPECT_THAT(words("-cat"), ElementsAre(dog));
  EXPECT_THAT(words("a -dog"), ElementsAre(cat));
  EXPECT_THAT(words("-do"), ElementsAre(cat)) << "the last word may be unfinished";
  EXPECT_THAT(words("-cat -dog"), IsEmpty());
  EXPECT_THAT(words("steam-engine"), ElementsAre(cat)) << "a hyphen is none";
}

TEST_P(Conformance, TagsAreFoundByTheirNamesAndByTheirWords) {
  const std::string id = put("a cat");
  const auto tag = [&](const std::vector<std::string>& tags) {
    return records.write_now([&](Transaction& t) { return t.pictures().set_tags(id, tags); });
  };
  EXPECT_TRUE(tag({"for mother", "loud"}));
  EXPECT_THAT(picture(id)->tags, ElementsAre("for mother", "loud"));
  EXPECT_THAT(ids({.tag = "for mother"}), ElementsAre(id));
  EXPECT_THAT(ids({.tag = "mother"}), IsEmpty());
  EXPECT_THAT(words("mother cat"), ElementsAre(id));
  EXPECT_TRUE(tag({"calm"}));
  EXPECT_THAT(ids({.tag = "loud"}), IsEmpty());
  EXPECT_THAT(words("mother"), IsEmpty());
  const auto facets = records.read_now([](const Transaction& t) { return t.pictures().facets(); });
  EXPECT_THAT(facets.tags, ElementsAre("calm"));
  records.write_now([&](Transaction& t) { t.pictures().purge(id); });
  EXPECT_THAT(ids({.tag = "calm"}), IsEmpty());
}

TEST_P(Conformance, ListsAreOrderedByAgeOrStarsAndPagedInThatOrder) {
  std::vector<std::string> added;
  for (const int stars : {2, 5, 0, 5, 2}) {
    added.push_back(put("x"));
    records.write_now([&](Transaction& t) { t.pictures().set_rating(added.back(), stars); });
  }
  EXPECT_THAT(ids({.order = PictureOrder::kOldest}), ::testing::ElementsAreArray(added));
  EXPECT_THAT(ids({.rating = 5}), ElementsAre(added[3], added[1]));
  const std::vector<std::string> best{added[3], added[1], added[4], added[0], added[2]};
  for (const PictureOrder order : {PictureOrder::kOldest, PictureOrder::kBest}) {
    std::vector<std::string> seen;
    PictureFilter filter{.order = order, .limit = 2};
    for (auto page = list(filter); !page.empty(); page = list(filter)) {
      for (const PictureRecord& one : page) seen.push_back(one.id);
      filter.before = page.back().seq;
      filter.before_rating = page.back().rating;
    }
    EXPECT_EQ(seen, order == PictureOrder::kBest ? best : added);
  }
}

TEST_P(Conformance, TimesNarrowAList) {
  const std::string old = put("x", {.created = 1000});
  const std::string young = put("x", {.created = 2000});
  EXPECT_THAT(ids({.since = 1001}), ElementsAre(young));
  EXPECT_THAT(ids({.until = 2000}), ElementsAre(old));
  EXPECT_THAT(ids({.since = 1000, .until = 2001}), ElementsAre(young, old));
}

TEST_P(Conformance, StudiesAreInNoListUntilTheyAreFavourites) {
  const std::string drawn = put("x");
  const std::string study = put("x", {.job = "j", .listed = false});
  const auto count = [&] {
    return records.read_now([](const Transaction& t) { return t.pictures().count(); });
  };
  EXPECT_THAT(words("x"), ElementsAre(drawn));
  EXPECT_THAT(ids({.studies = true}), ElementsAre(study));
  EXPECT_THAT(ids({.job = "j"}), ElementsAre(study)) << "who asks for its job finds it";
  EXPECT_EQ(count(), 1);
  records.write_now([&](Transaction& t) { t.pictures().set_favourite(study, true); });
  EXPECT_THAT(words("x"), ElementsAre(study, drawn));
  EXPECT_EQ(count(), 2);
}

TEST_P(Conformance, APictureIsFoundByItsHashWhileItIsThere) {
  const auto found = [&](const std::string& hash) {
    return records.read_now([&](const Transaction& t) { return t.pictures().find_drawn(hash); });
  };
  put("no hash");
  EXPECT_FALSE(found(""));
  const std::string first = put("x", {.hash = "h"});
  const std::string second = put("x", {.hash = "h"});
  EXPECT_EQ(found("h"), second);
  records.write_now([&](Transaction& t) { t.pictures().set_deleted(second, 5); });
  EXPECT_EQ(found("h"), first);
  records.write_now([&](Transaction& t) { t.pictures().set_missing(first, true); });
  EXPECT_FALSE(found("h"));
}

TEST_P(Conformance, FacetsAreWhatThereIsToFilterBy) {
  put("one", shelved("m1", 0, "ink", "cat"));
  put("two", shelved("m2", 0, "", "cat"));
  const auto facets = records.read_now([](const Transaction& t) { return t.pictures().facets(); });
  EXPECT_THAT(facets.models, ElementsAre("m1", "m2"));
  EXPECT_THAT(facets.styles, ElementsAre("ink"));
  EXPECT_THAT(facets.subjects, ElementsAre("cat"));
  EXPECT_EQ(facets.count, 2);
}

TEST_P(Conformance, PicturesAndJobsNameWhatTheyBeginAt) {
  const std::string init(64, 'a'), mask(64, 'b'), waiting(64, 'c'), over(64, 'd');
  PictureRecord record;
  diffusion_of(record.recipe).editing.init.sha256 = init;
  diffusion_of(record.recipe).editing.masking.mask.sha256 = mask;
  put("begun", record);
  put("from words");
  NewJob wanted = job();
  wanted.request = R"({"init_sha256":")" + over + "\"}";
  submit(wanted);
  EXPECT_TRUE(settle(claim(), Ending::kDone));
  wanted.request = R"({"init_sha256":")" + waiting + "\"}";
  submit(wanted);
  records.read_now([&](const Transaction& t) {
    EXPECT_THAT(t.pictures().given(), UnorderedElementsAre(init, mask));
    EXPECT_THAT(t.jobs().given(), ElementsAre(waiting));
  });
}

TEST_P(Conformance, CellsOfASheetThatMayBeDrawnOnNameTheirPictures) {
  const std::string cell(64, 'a'), alone(64, 'b');
  NewJob wanted = job();
  wanted.request = R"({"init_sha256":")" + alone + "\"}";
  cancel(submit(wanted));
  wanted.request = R"({"init_sha256":")" + cell + "\"}";
  wanted.sheet = "sheet";
  cancel(submit(wanted));
  records.read_now([&](const Transaction& t) { EXPECT_THAT(t.jobs().given(), ElementsAre(cell)); });
}

}  // namespace
}  // namespace easel
