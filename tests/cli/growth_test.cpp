// What strangers' texts and files cost to read: for every parser an input of a size that somebody
// chose to be dear, and one four times as large. Time may grow with the size, memory too; not with
// its square.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <fstream>
#include <functional>
#include <string>

#include "atelier/wildcards.h"
#include "core/error.h"
#include "core/json.h"
#include "http/form.h"
#include "image/codec.h"
#include "image/facts.h"
#include "image/xmp.h"
#include "prompt/prompt.h"
#include "recipe/forms.h"
#include "support/temporary_folder.h"
#include "weights/weights.h"

namespace easel {
namespace {

constexpr std::size_t kSmall = std::size_t{1} << 18;
constexpr std::size_t kTimes = 4;
// A parser of linear work takes four times as long; one of quadratic work sixteen.
constexpr double kMostTimes = 9;
constexpr double kNoise = 0.15;                           // seconds of CPU
constexpr long kMostBase = 96 * 1024, kMostPerByte = 48;  // KiB, and bytes a byte

struct Cost {
  double seconds = 0;
  long kib = 0;  // of memory at most, beyond what the process had
};

// In a process of its own, so that its memory is its own.
Cost cost_of(const std::function<void(const std::string&)>& read, const std::string& input) {
  const pid_t child = fork();
  if (child == 0) {
    try {
      read(input);
    } catch (const std::exception&) {  // refused is as good as read
    }
    _exit(0);
  }
  int status = 0;
  rusage used = {};
  EXPECT_EQ(wait4(child, &status, 0, &used), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return {seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_maxrss};
}

std::string repeated(const std::string& text, std::size_t bytes) {
  std::string out;
  while (out.size() < bytes) out += text;
  return out;
}

std::string packed(const std::string& text) {
  uLongf size = compressBound(text.size());
  std::string out(size, '\0');
  compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
           text.size());
  out.resize(size);
  return out;
}

std::string big_endian(std::uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
  return out;
}

std::string png_chunk(const std::string& kind, const std::string& data) {
  const std::string body = kind + data;
  const uLong crc =
      crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(static_cast<std::uint32_t>(data.size())) + body +
         big_endian(static_cast<std::uint32_t>(crc));
}

// A small PNG with these chunks before its pixels.
std::string png_with(const std::string& chunks) {
  const auto bytes = encode_picture(Image({4, 4}, 3), ImageFormat::kPng);
  std::string png(bytes.begin(), bytes.end());
  constexpr std::size_t kAfterHeader = 8 + 25;
  return png.insert(kAfterHeader, chunks);
}

void read_facts(const std::string& bytes) {
  const PictureFacts facts =
      facts_of_picture({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, "bomb");
  provenance_of(facts.metadata);
}

void read_weights(const std::string& bytes) {
  const testing::TemporaryFolder folder;
  const auto path = folder.path() / "bomb";
  std::ofstream(path, std::ios::binary) << bytes;
  open_weights(path);
}

void read_json(const std::string& text) { Json::parse(text); }
void read_parameters(const std::string& text) { parse_parameters(text); }
void read_words(const std::string& text) { read_prompt(text, {}); }
void choose_words(const std::string& text) {
  const WildcardList list({"a"});
  chosen(text, 1, [&](std::string_view) -> const WildcardList& { return list; });
}
void read_multipart(const std::string& body) {
  read_form("multipart/form-data; boundary=b", body, {.parts = 1'000'000});
}
void read_list(const std::string& text) {
  const testing::TemporaryFolder folder;
  std::ofstream(folder.path() / "list.txt", std::ios::binary) << text;
  WildcardFolder lists(folder.path(), "here");
  chosen(repeated("__list__ ", 5000), 1,
         [&](std::string_view name) -> const WildcardList& { return lists.list(name); });
}

// A safetensors file whose header has this many bytes.
std::string safetensors(const std::string& header) {
  std::string length;
  for (int shift = 0; shift < 64; shift += 8)
    length += static_cast<char>(header.size() >> shift & 0xff);
  return length + header;
}

std::string many_tensors(std::size_t bytes) {
  std::string header = "{";
  for (std::size_t k = 0; header.size() < bytes; ++k) {
    header += (k == 0 ? "\"t" : ",\"t") + std::to_string(k) +
              R"(":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
  }
  return safetensors(header + "}");
}

struct Bomb {
  const char* name;
  std::string (*make)(std::size_t bytes);
  void (*read)(const std::string& input);
};

using Size = std::size_t;

const Bomb kBombs[] = {
    {"JsonOfManyMembers", [](Size n) { return "{" + repeated("\"a\":1,", n) + "\"b\":2}"; },
     read_json},
    {"JsonThatIsDeep", [](Size n) { return std::string(n, '['); }, read_json},
    {"JsonOfEscapes", [](Size n) { return "\"" + repeated("\\u0041", n) + "\""; }, read_json},
    {"ParametersOfManyPairs",
     [](Size n) { return "a\nSteps: 1, " + repeated("Key: \"v, w\", ", n); }, read_parameters},
    {"ParametersOfManyLines", [](Size n) { return repeated("Negative prompt: a\n", n); },
     read_parameters},
    {"ParametersOfOpenQuotes", [](Size n) { return "a\nSteps: 1, " + repeated("K: \"", n); },
     read_parameters},
    {"PromptOfBrackets", [](Size n) { return repeated("((a:1.1)", n / 16); }, read_words},
    {"PromptOfSchedules", [](Size n) { return repeated("[a:b:3]", n / 16); }, read_words},
    {"PromptOfOpenSchedules", [](Size n) { return repeated("[a:", n / 16); }, read_words},
    {"PromptOfNetworks", [](Size n) { return repeated("<lora:a:1>", n / 16); }, read_words},
    {"PromptOfOpenNetworks", [](Size n) { return repeated("<lora:", n / 16); }, read_words},
    {"PromptOfAnds", [](Size n) { return repeated("a AND ", n / 16); }, read_words},
    {"TemplateOfBraces", [](Size n) { return repeated("{a|b}", n / 16); }, choose_words},
    {"TemplateOfOpenBraces", [](Size n) { return std::string(n, '{'); }, choose_words},
    {"TemplateOfManyChoices", [](Size n) { return "{2$$" + repeated("a|", n / 16) + "}"; },
     choose_words},
    {"TemplateOfUnderscores", [](Size n) { return repeated("__a", n / 16); }, choose_words},
    {"ListOfManyLines", [](Size n) { return repeated("2::a\n", n); }, read_list},
    {"XmpOfNames", [](Size n) { return repeated(" exif:UserComment=", n); },
     [](const std::string& text) { xmp_property(text, "exif:UserComment"); }},
    {"XmpOfElements", [](Size n) { return repeated("<exif:UserComment>", n); },
     [](const std::string& text) { xmp_property(text, "exif:UserComment"); }},
    {"FormOfManyParts",
     [](Size n) {
       return repeated("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n", n) +
              "--b--\r\n";
     },
     read_multipart},
    {"FormOfAlmostBoundaries", [](Size n) { return "--b\r\n\r\n" + repeated("\r\n--", n); },
     read_multipart},
    {"PngOfManyTexts",
     [](Size n) { return png_with(repeated(png_chunk("tEXt", std::string("key\0value", 9)), n)); },
     read_facts},
    {"PngOfPackedTexts",
     [](Size n) {
       return png_with(png_chunk("zTXt", std::string("key\0\0", 5) + packed(std::string(n, 'a'))));
     },
     read_facts},
    {"SafetensorsOfManyTensors", many_tensors, read_weights},
    {"SafetensorsOfADeepHeader", [](Size n) { return safetensors(repeated("{\"a\":", n)); },
     read_weights},
    {"PickleOfMarks", [](Size n) { return "\x80\x02" + std::string(n, '('); }, read_weights},
    {"PickleOfTuples", [](Size n) { return "\x80\x02)" + std::string(n, '\x85') + "."; },
     read_weights},
    {"PickleOfMemos", [](Size n) { return "\x80\x02}" + repeated("q\x01h\x01", n) + "."; },
     read_weights},
    {"ZipOfManyRecords",
     [](Size n) { return repeated(std::string("PK\x03\x04") + std::string(26, '\0'), n); },
     read_weights},
    {"ZipOfManyEndings",
     [](Size n) { return "PK\x03\x04" + repeated(std::string("PK\x05\x06") + "\xff\xff", n); },
     read_weights},
};

class Growth : public ::testing::TestWithParam<Bomb> {};

TEST_P(Growth, IsWithTheSizeAndNotItsSquare) {
  const Bomb& bomb = GetParam();
  const std::string small = bomb.make(kSmall), large = bomb.make(kSmall * kTimes);
  ASSERT_GT(large.size(), 0u);
  const Cost nothing = cost_of([](const std::string&) {}, large);
  const Cost of_small = cost_of(bomb.read, small), of_large = cost_of(bomb.read, large);
  EXPECT_LT(of_large.seconds, kMostTimes * of_small.seconds + kNoise);
  EXPECT_LT(of_large.kib - nothing.kib,
            kMostBase + static_cast<long>(large.size()) * kMostPerByte / 1024);
}

INSTANTIATE_TEST_SUITE_P(All, Growth, ::testing::ValuesIn(kBombs),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace easel
