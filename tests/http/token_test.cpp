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

}  // namespace
}  // namespace easel
