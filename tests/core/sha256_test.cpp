#include "core/sha256.h"

#include <gtest/gtest.h>

#include <utility>

namespace easel {
namespace {

// FIPS 180-4's own examples.
TEST(Sha256, IsThatOfTheStandard) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, DoesNotDependOnThePieces) {
  const std::string text = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  Sha256 digest;
  for (const char c : text) digest.update(std::as_bytes(std::span(&c, 1)));
  EXPECT_EQ(std::move(digest).hex(), sha256_hex(text));
  EXPECT_EQ(sha256_hex(text), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

}  // namespace
}  // namespace easel
