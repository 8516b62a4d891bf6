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
                       .favourite = true};
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
