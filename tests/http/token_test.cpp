#include "http/token.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/error.h"
#include "support/temporary_folder.h"

namespace easel {
namespace {

TEST(TokensTest, OnlyTheHashIsKept) {
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "tokens";
  const Tokens::Created made = Tokens::create(file);
  EXPECT_EQ(made.token.size(), 64u);
  EXPECT_EQ(std::filesystem::status(file).permissions() & std::filesystem::perms::all,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::ifstream in(file);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  EXPECT_EQ(text.find(made.token), std::string::npos);
  const Tokens tokens = Tokens::read(file);
  EXPECT_TRUE(tokens.name_of(made.token));
  EXPECT_FALSE(tokens.name_of(""));
  EXPECT_FALSE(tokens.name_of(text.substr(0, 64)));
  EXPECT_THROW(Tokens::create(file), Error) << "an old token is not lost by accident";
  HttpRequest request;
  request.headers = {{"cookie", "a=b; easel_token=" + made.token + "; c=d"}};
  EXPECT_TRUE(tokens.name_in(request));
  request.headers = {{"cookie", "xeasel_token=" + made.token}};
  EXPECT_FALSE(tokens.name_in(request));
  std::ofstream(file) << made.token.substr(0, 10) << "\n";
  EXPECT_THROW(Tokens::read(file), Error);
}

TEST(TokensTest, ALineSaysWhatItsHolderMayAskFor) {
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "tokens";
  const std::string hash(64, 'a');
  std::ofstream(file) << "# whose\n"
                      << hash << " anna\n"
                      << hash << " ben queued=40 hourly=200 fast-minutes=300\n"
                      << hash << " kiosk of the hall tier=relaxed hourly=0\n";
  const Tokens tokens = Tokens::read(file);
  for (const char* unlimited : {"anna", "nobody"}) {
    const Allowance none = tokens.allowance_of(unlimited);
    EXPECT_FALSE(none.queued || none.hourly || none.fast_minutes) << unlimited;
  }
  const Allowance ben = tokens.allowance_of("ben");
  EXPECT_EQ(ben.queued, 40);
  EXPECT_EQ(ben.hourly, 200);
  EXPECT_EQ(ben.fast_minutes, 300);
  const Allowance kiosk = tokens.allowance_of("kiosk");
  EXPECT_EQ(kiosk.hourly, 0);
  EXPECT_EQ(kiosk.fast_minutes, 0);
  for (const char* word : {"hourly=many", "hourly=-1", "queued=", "tier=slow", "other=1"}) {
    std::ofstream(file) << hash << " anna " << word << "\n";
    EXPECT_THROW(Tokens::read(file), Error) << word;
  }
}

}  // namespace
}  // namespace easel
