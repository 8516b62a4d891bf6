#include "store/picture_store.h"

#include <gmock/gmock.h>

#include "store/ulid.h"
#include "support.h"

namespace easel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PictureStoreTest : public StoreTest {
 protected:
  PictureStore store{db};

  std::string add(const std::string& prompt, PictureRecord record = {}) {
    record.id = new_ulid();
    record.prompt = prompt;
    EXPECT_TRUE(store.adopt(record));
    return record.id;
  }
  std::vector<std::string> ids(const PictureFilter& filter) {
    std::vector<std::string> found;
    for (const PictureRecord& picture : store.list(filter)) found.push_back(picture.id);
    return found;
  }
  std::vector<std::string> words(const std::string& text) { return ids({.words = text}); }
};

TEST_F(PictureStoreTest, ARecordComesBackAsItWas) {
  PictureRecord record{.id = new_ulid(),
                       .job = "j",
                       .index = 3,
                       .created = 77,
                       .width = 2,
                       .height = 3,
                       .bytes = 4,
                       .native_width = 5,
                       .native_height = 6,
                       .prompt = "pümpel\n'\"",
                       .negative = "n",
                       .model = "m",
                       .model_sha256 = "s",
                       .sampler = "ddim",
                       .steps = 7,
                       .scale = 0.1,
                       .eta = 1.0 / 3,
                       .seed = ~std::uint64_t{0},
                       .variation_seed = 1ull << 63,
                       .variation_strength = 0.7,
                       .upscale = 4,
                       .upscaler = "u",
                       .parent = "q",
                       .subject = "su",
                       .style = "st",
                       .favourite = true};
  ASSERT_TRUE(store.adopt(record));
  const auto found = store.find(record.id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->seed, record.seed);
  EXPECT_EQ(found->variation_seed, record.variation_seed);
  EXPECT_EQ(found->scale, record.scale);
  EXPECT_EQ(found->eta, record.eta);
  EXPECT_EQ(found->prompt, record.prompt);
  EXPECT_EQ(found->job, record.job);
  EXPECT_EQ(found->parent, record.parent);
  EXPECT_EQ(found->index, 3);
  EXPECT_EQ(found->created, 77);
  EXPECT_TRUE(found->favourite);
  EXPECT_FALSE(found->deleted);
}

TEST_F(PictureStoreTest, APlaceOfAJobIsTakenOnce) {
  EXPECT_TRUE(store.adopt({.id = "a", .job = "j", .index = 0}));
  EXPECT_FALSE(store.adopt({.id = "b", .job = "j", .index = 0}));
  EXPECT_FALSE(store.adopt({.id = "a", .job = "j", .index = 1}));
  EXPECT_TRUE(store.adopt({.id = "c"}));
  EXPECT_TRUE(store.adopt({.id = "d"}));
}

TEST_F(PictureStoreTest, PagesByKeyMissAndRepeatNothing) {
  std::vector<std::string> added;
  for (int i = 0; i < 25; ++i) added.push_back(add("x"));
  std::vector<std::string> seen;
  PictureFilter filter{.limit = 4};
  for (;;) {
    const auto page = store.list(filter);
    if (page.empty()) break;
    for (const PictureRecord& picture : page) seen.push_back(picture.id);
    filter.before = page.back().seq;
    add("newer ones do not disturb");
  }
  std::reverse(added.begin(), added.end());
  EXPECT_EQ(seen, added);
}

TEST_F(PictureStoreTest, WordsAreFoundInAnyOrderCaseAndAccent) {
  const std::string cat = add("A cat wearing sunglasses", {.style = "Dalí (1929)"});
  const std::string dog = add("dog and CAT, Élodie");
  EXPECT_THAT(words("cat"), ElementsAre(dog, cat));
  EXPECT_THAT(words("CAT elodie"), ElementsAre(dog));
  EXPECT_THAT(words("sunglasses cat"), ElementsAre(cat));
  EXPECT_THAT(words("dali"), ElementsAre(cat));
  EXPECT_THAT(words("sungl"), ElementsAre(cat)) << "the last word may be unfinished";
  EXPECT_THAT(words("sungl cat"), IsEmpty()) << "but no other";
  EXPECT_THAT(words("horse"), IsEmpty());
}

TEST_F(PictureStoreTest, TheLanguageOfFullTextSearchIsNotSpoken) {
  add("plain");
  for (const char* text : {"\"", "*", "plain AND", "NOT plain", "prompt:plain", "(plain", "^plain",
                           "plain OR x", "NEAR(plain, 2)", "-plain", "a\"b", "\xff", "plain*x"}) {
    EXPECT_NO_THROW(words(text)) << text;
  }
  EXPECT_THAT(words("plain OR x"), IsEmpty());
  EXPECT_THAT(words("\"\""), IsEmpty());
}

TEST_F(PictureStoreTest, FiltersAreExactAndCombine) {
  const std::string a = add("one", {.model = "m1", .style = "s1", .favourite = true});
  const std::string b = add("one", {.model = "m2", .seed = 9, .style = "s1"});
  EXPECT_THAT(ids({.model = "m1"}), ElementsAre(a));
  EXPECT_THAT(ids({.style = "s1"}), ElementsAre(b, a));
  EXPECT_THAT(ids({.style = "s"}), IsEmpty());
  EXPECT_THAT(ids({.words = "one", .model = "m2", .style = "s1"}), ElementsAre(b));
  EXPECT_THAT(ids({.seed = 9}), ElementsAre(b));
  EXPECT_THAT(ids({.favourites = true}), ElementsAre(a));
}

TEST_F(PictureStoreTest, DeletedPicturesAreApartUntilPurged) {
  const std::string id = add("x");
  EXPECT_EQ(store.count(), 1);
  store.set_deleted(id, 100);
  EXPECT_EQ(store.count(), 0);
  EXPECT_THAT(words("x"), IsEmpty());
  EXPECT_THAT(ids({.deleted = true}), ElementsAre(id));
  EXPECT_THAT(store.deleted_before(100, 9), IsEmpty());
  EXPECT_THAT(store.deleted_before(101, 9), ElementsAre(id));
  EXPECT_TRUE(store.purge(id));
  EXPECT_FALSE(store.purge(id));
  EXPECT_FALSE(store.find(id));
  EXPECT_THAT(ids({.deleted = true}), IsEmpty());
}

// A count of what SQLite reads stands for time: a page of a large gallery must not scan it.
TEST_F(PictureStoreTest, PagesOfALargeGalleryUseAnIndex) {
  const auto plan = [&](const std::string& sql) {
    std::string text;
    for (Query row(db, "EXPLAIN QUERY PLAN " + sql); row.next();) text += row.text(3) + "; ";
    return text;
  };
  for (const char* where :
       {"p.seq < 9", "p.model = 'm' AND p.seq < 9", "p.style = 's' AND p.style != '' AND p.seq < 9",
        "p.subject = 's' AND p.subject != '' AND p.seq < 9", "p.favourite = 1 AND p.seq < 9"}) {
    const std::string text = plan(std::string("SELECT * FROM picture p WHERE ") + where +
                                  " AND p.deleted IS NULL ORDER BY p.seq DESC LIMIT 50");
    EXPECT_THAT(text, testing::HasSubstr("SEARCH p USING")) << where;
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("TEMP B-TREE"))) << where << ": " << text;
  }
}

}  // namespace
}  // namespace easel
